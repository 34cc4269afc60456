import type { GuestConsole } from '../lab/guest-console.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { NEWEST_UPSTREAM, RESCUED_MIGRATION, type ComputeAnswer } from '../support/compute-client.ts';
import type { AdmissionAnswers } from './demo-evidence.ts';
import { DemoFailure, NEXT_LOOK_AT_LOGS } from './demo-failure.ts';
import type { StepReport } from './demo-output.ts';
import { failedEvents, requireAnswer, waitForGuest, waitForServer, type DemoRun } from './demo-run.ts';
import { demoConfiguration, KNOWS_RESCUED_MIGRATION, TOO_OLD } from './demo-world.ts';
import { consolePath, HeldConsole } from './guest-consoles.ts';
import type { Reported } from './server-steps.ts';
import { TransferMeter } from './transfer-meter.ts';

const MIGRATION_DEADLINE_MS = 120_000;
const POLL_INTERVAL_MS = 50;
const TICKS_AFTER_MOVE_MIN = 3;
const ENDED: readonly string[] = ['completed', 'failed', 'error', 'cancelled'];

type Admitted = {
  readonly answers: AdmissionAnswers;
  readonly acceptedAt: number;
  readonly sourceConsole: HeldConsole;
};

/** Step 3. */
export async function admitMigration(run: DemoRun, server: string): Promise<Reported<Admitted>> {
  const { world, output } = run;
  const sourceConsole = await HeldConsole.open(consolePath(world.source, server));
  const ask = (microversion: string): Promise<ComputeAnswer> => {
    const body = { 'os-migrateLive': { host: null, block_migration: 'auto' } };
    return run.client.action(server, body, microversion);
  };
  output.doing(`at ${NEWEST_UPSTREAM}`);
  const tooOldMicroversion = await ask(NEWEST_UPSTREAM);
  output.doing(`at ${RESCUED_MIGRATION}, with ${world.destination.name}’s compute service at version ${TOO_OLD}`);
  const tooOldComputeService = await ask(RESCUED_MIGRATION);
  output.doing(`upgrading ${world.destination.name}’s compute service to version ${KNOWS_RESCUED_MIGRATION}`);
  await run.server.reconfigure(demoConfiguration(world, KNOWS_RESCUED_MIGRATION));
  const accepted = requireAnswer(await ask(RESCUED_MIGRATION), 202, `os-migrateLive at ${RESCUED_MIGRATION}`);
  const acceptedAt = performance.now();
  const answers = { tooOldMicroversion, tooOldComputeService, accepted };
  return { value: { answers, acceptedAt, sourceConsole }, report: admissionReport(answers) };
}

function admissionReport({ tooOldMicroversion, tooOldComputeService, accepted }: AdmissionAnswers): StepReport {
  const rows = [
    [NEWEST_UPSTREAM, TOO_OLD, tooOldMicroversion],
    [RESCUED_MIGRATION, TOO_OLD, tooOldComputeService],
    [RESCUED_MIGRATION, KNOWS_RESCUED_MIGRATION, accepted],
  ] as const;
  const facts = rows.map(([microversion, oldest, { status, message, requestId }]) => ({
    microversion,
    oldest_compute_service: oldest,
    status,
    message,
    request_id: requestId,
  }));
  const lines = rows.map(
    ([version, oldest, { status, message }]) =>
      `${status} at ${version}, oldest compute service ${oldest}${told(message)}`,
  );
  return {
    facts: { answers: facts },
    summary: rows.map(([, , { status }]) => status).join(', then '),
    details: { form: 'prose', text: lines.join('\n') },
  };
}

const told = (message: string | null): string => (message === null ? '' : `:\n    ${message}`);

type Followed = {
  readonly onSource: GuestConsole;
  readonly onDestination: GuestConsole;
  readonly statuses: readonly string[];
  readonly host: string | null;
  readonly migrationStatus: string;
  readonly migrationMs: number;
};

/** Step 4. Returns when the server has arrived and its guest has gone on counting. */
export async function followMigration(run: DemoRun, server: string, admitted: Admitted): Promise<Reported<Followed>> {
  const statuses: string[] = [];
  const migrationStatus = await migrationEnd(run, server, statuses);
  const migrationMs = Math.round(performance.now() - admitted.acceptedAt);
  if (migrationStatus !== 'completed') {
    const why = await failedEvents(run.client, server);
    throw new DemoFailure({ what: `The live migration ended as ${migrationStatus}.`, why, next: NEXT_LOOK_AT_LOGS });
  }
  const { status, host } = await waitForServer(run, server, 'RESCUE');
  statuses.push(status);
  const { world } = run;
  const path = consolePath(world.destination, server);
  const ticking = ({ ticks }: GuestConsole): boolean => ticks.length >= TICKS_AFTER_MOVE_MIN;
  const onDestination = await waitForGuest(run, path, 'the same guest goes on', ticking);
  const onSource = await admitted.sourceConsole.readToEnd();
  return {
    value: { onSource, onDestination, statuses, host, migrationStatus, migrationMs },
    report: {
      facts: { migration_status: migrationStatus, status, host, migration_ms: migrationMs },
      summary: `${status} on ${host} after ${migrationMs} ms`,
      details: null,
    },
  };
}

/** The migration's last status. `statuses` collects those of the server. */
async function migrationEnd({ client, output }: DemoRun, server: string, statuses: string[]): Promise<string> {
  const meter = new TransferMeter((await client.server(server)).ramBytes);
  const probe = async (): Promise<string | null> => {
    const [[running], [migration], { status }] = await Promise.all([
      client.migrationsInProgress(server),
      client.migrations(server),
      client.server(server),
    ]);
    statuses.push(status);
    output.progress({
      status: migration?.status ?? 'accepted',
      bytes: meter.read(running),
    });
    return migration !== undefined && ENDED.includes(migration.status) ? migration.status : null;
  };
  const end = await waitUntil(probe, { deadlineMs: MIGRATION_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS });
  if (end !== null) return end;
  const what = `The live migration had not ended after ${MIGRATION_DEADLINE_MS} ms.`;
  throw new DemoFailure({ what, why: await failedEvents(client, server), next: NEXT_LOOK_AT_LOGS });
}
