import { describeCommandResult, type CommandResult } from '../lab/run-command.ts';
import { waitUntil } from '../lab/wait-until.ts';
import type { ClientCommands } from './client-commands.ts';
import type { ClientLogin } from './client-login.ts';
import type { ClientStep } from './client-step.ts';

const STATUS_DEADLINE_MS = 60_000;
const STATUS_INTERVAL_MS = 50;
const OUTPUT_SHOWN_CHARACTERS = 600;
const MS_PER_SECOND = 1000;

export type ClientVerdict = {
  readonly chain: string;
  readonly login: string;
  readonly command: string;
  readonly exitCode: number | null;
  readonly seconds: number;
  /** Null: as it should be. */
  readonly problem: string | null;
};

export type ClientRun = {
  readonly chain: string;
  readonly login: ClientLogin;
  readonly commands: ClientCommands;
  /** Of the server's API, for looking at servers between two commands. */
  readonly url: string;
  /** A token for it; empty where nobody asks for one. */
  readonly token: string;
  /** Told of each command before it is run. */
  readonly begun: (chain: string, command: string) => void;
  /** Told of each command as soon as it is judged. */
  readonly judged: (verdict: ClientVerdict) => void;
};

/** Runs one command after another, whatever becomes of each. A variable that no step has captured is empty. */
export async function runClientSteps(run: ClientRun, steps: readonly ClientStep[]): Promise<readonly ClientVerdict[]> {
  const { chain, login } = run;
  const variables = new Map<string, string>();
  const verdicts: ClientVerdict[] = [];
  for (const one of steps) {
    const argv = one.command.map((word) =>
      word.replace(/\{([A-Z]+)\}/g, (_all, name: string) => variables.get(name) ?? ''),
    );
    run.begun(chain, shown(argv));
    const beganAt = performance.now();
    const result = await run.commands.run({ argv, environment: login.environment, isAlone: one.isAlone });
    const firstLine = result.outcome === 'exited' ? (result.stdout.trim().split('\n')[0] ?? '') : '';
    const unchanged = one.differsFrom !== null && firstLine === variables.get(one.differsFrom);
    if (one.captures !== null) variables.set(one.captures, firstLine);
    const problem =
      complaintAbout(one, result) ??
      (unchanged ? `it is still ${firstLine}` : null) ??
      (one.until === null ? null : await statusProblem(run, one.until));
    const exitCode = result.outcome === 'exited' ? result.exitCode : null;
    const seconds = (performance.now() - beganAt) / MS_PER_SECOND;
    const verdict = { chain, login: login.name, command: shown(argv), exitCode, seconds, problem };
    run.judged(verdict);
    verdicts.push(verdict);
  }
  return verdicts;
}

function complaintAbout({ exitCode, says }: ClientStep, result: CommandResult): string | null {
  if (result.outcome !== 'exited') return describeCommandResult(result);
  const said = `${result.stdout}\n${result.stderr}`;
  const end = said.trim().slice(-OUTPUT_SHOWN_CHARACTERS);
  if (result.exitCode !== exitCode) return `expected exit code ${exitCode}: ${end}`;
  const text = says.some(({ source }) => source === '^$') ? result.stdout.trim() : said;
  const missing = says.find((pattern) => !pattern.test(text));
  return missing === undefined ? null : `expected ${String(missing)}: ${end}`;
}

async function statusProblem(
  { url, token }: ClientRun,
  { server, status }: NonNullable<ClientStep['until']>,
): Promise<string | null> {
  let last = 'nothing';
  const reached = async (): Promise<true | null> => {
    const headers = { 'x-auth-token': token };
    const signal = AbortSignal.timeout(STATUS_DEADLINE_MS);
    const answer = await fetch(`${url}/v2.1/servers/detail?name=${server}`, { headers, signal }).catch(String);
    if (typeof answer === 'string') {
      last = `unknown: ${answer}`;
      return null;
    }
    const { servers = [] } = (await answer.json()) as { servers?: readonly Readonly<Record<string, unknown>>[] };
    const found = servers.find(({ name }) => name === server);
    last = found === undefined ? 'gone' : `${String(found['status'])} ${String(found['OS-EXT-STS:task_state'])}`;
    return last === (status === 'gone' ? 'gone' : `${status} null`) ? true : null;
  };
  const isReached = await waitUntil(reached, { deadlineMs: STATUS_DEADLINE_MS, intervalMs: STATUS_INTERVAL_MS });
  return isReached === null ? `the server did not become ${status}: it is ${last}` : null;
}

const shown = (argv: readonly string[]): string =>
  argv.map((word) => (/^[\w./:@%+=-]+$/.test(word) ? word : `"${word}"`)).join(' ');
