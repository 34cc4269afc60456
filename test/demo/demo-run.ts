import { waitForConsole, type GuestConsole } from '../lab/guest-console.ts';
import { waitUntil } from '../lab/wait-until.ts';
import type { ServerAnswer } from '../support/compute-answers.ts';
import type { ComputeAnswer, ComputeClient } from '../support/compute-client.ts';
import { DemoFailure, NEXT_LOOK_AT_LOGS } from './demo-failure.ts';
import type { DemoOutput, DemoStep, StepReport } from './demo-output.ts';
import type { DemoServer } from './demo-server.ts';
import type { DemoWorld } from './demo-world.ts';

/** What every step has at hand. */
export type DemoRun = {
  readonly world: DemoWorld;
  readonly server: DemoServer;
  readonly client: ComputeClient;
  readonly output: DemoOutput;
  readonly bootWaits: BootWaits;
};

/** How long guests were waited for, added up: the part of the demo's time that is emulation and not Lifeboat's. */
export class BootWaits {
  totalMs = 0;
}

const BOOT_DEADLINE_MS = 90_000;
const SERVER_DEADLINE_MS = 60_000;
const POLL_INTERVAL_MS = 100;

/** Runs one step, telling its begin and its end. */
export async function performStep<Value>(
  output: DemoOutput,
  step: DemoStep,
  work: () => Promise<{ readonly value: Value; readonly report: StepReport }>,
): Promise<Value> {
  const startedAt = performance.now();
  output.begin(step);
  const { value, report } = await work();
  output.end(step, report, Math.round(performance.now() - startedAt));
  return value;
}

/** Reads a guest's console until it has said what is waited for. */
export async function waitForGuest(
  { output, bootWaits }: DemoRun,
  consolePath: string,
  waitingFor: string,
  predicate: (console: GuestConsole) => boolean,
): Promise<GuestConsole> {
  output.doing(`serial console: ${waitingFor}`);
  const startedAt = performance.now();
  const wait = await waitForConsole(consolePath, predicate, { deadlineMs: BOOT_DEADLINE_MS });
  bootWaits.totalMs += Math.round(performance.now() - startedAt);
  if (wait.seen) return wait.console;
  const what = `The guest’s serial console did not show within ${BOOT_DEADLINE_MS} ms: ${waitingFor}.`;
  throw new DemoFailure({ what, why: wait.message, next: NEXT_LOOK_AT_LOGS });
}

/** Polls a server until no task is in progress; fails unless it then has `status`. */
export async function waitForServer({ client, output }: DemoRun, id: string, status: string): Promise<ServerAnswer> {
  output.doing(`waiting for ${status}`);
  const probe = async (): Promise<ServerAnswer | null> => {
    const server = await client.server(id);
    return server.taskState === null && server.status !== 'BUILD' ? server : null;
  };
  const settled = await waitUntil(probe, { deadlineMs: SERVER_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS });
  if (settled?.status === status) return settled;
  const found = settled === null ? `not settled within ${SERVER_DEADLINE_MS} ms` : `it is ${settled.status}`;
  const why = settled?.fault ?? (await failedEvents(client, id));
  throw new DemoFailure({ what: `The server did not become ${status}: ${found}.`, why, next: NEXT_LOOK_AT_LOGS });
}

/** What the instance actions say went wrong. */
export async function failedEvents(client: ComputeClient, id: string): Promise<string> {
  const actions = await client.instanceActions(id);
  const failed = actions.flatMap(({ action, events }) =>
    events
      .filter(({ result }) => result === 'Error')
      .map(({ event, host, details }) => `${action}: ${event} on ${host ?? 'no host'}: ${details ?? 'no reason told'}`),
  );
  return failed.length === 0 ? 'No instance action tells of a failure.' : failed.join('\n');
}

export function requireAnswer(answer: ComputeAnswer, status: number, asked: string): ComputeAnswer {
  if (answer.status === status) return answer;
  const why = answer.message ?? JSON.stringify(answer.body);
  const what = `${asked} was answered ${answer.status} instead of ${status}.`;
  throw new DemoFailure({ what, why, next: NEXT_LOOK_AT_LOGS });
}
