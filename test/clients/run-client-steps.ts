import { describeCommandResult, runCommand, type CommandResult } from '../lab/run-command.ts';
import { waitUntil } from '../lab/wait-until.ts';
import type { ClientLogin } from './client-login.ts';
import type { ClientStep } from './client-step.ts';

const COMMAND_DEADLINE_MS = 180_000;
const STATUS_DEADLINE_MS = 120_000;
const STATUS_INTERVAL_MS = 200;
const OUTPUT_SHOWN_CHARACTERS = 600;

export type ClientVerdict = {
  readonly login: string;
  readonly command: string;
  readonly exitCode: number | null;
  /** Null: as it should be. */
  readonly problem: string | null;
};

export type ClientRun = {
  readonly login: ClientLogin;
  /** Of the server's API, for looking at servers between two commands. */
  readonly url: string;
  /** A token for it; empty where nobody asks for one. */
  readonly token: string;
  /** Told of each command as soon as it is judged. */
  readonly judged: (verdict: ClientVerdict) => void;
};

/** Runs one command after another, whatever becomes of each. A variable that no step has captured is empty. */
export async function runClientSteps(run: ClientRun, steps: readonly ClientStep[]): Promise<readonly ClientVerdict[]> {
  const variables = new Map<string, string>();
  const verdicts: ClientVerdict[] = [];
  for (const one of steps) {
    const argv = one.command.map((word) =>
      word.replace(/\{([A-Z]+)\}/g, (_all, name: string) => variables.get(name) ?? ''),
    );
    const result = await runAs(run.login, argv);
    if (one.captures !== null && result.outcome === 'exited') {
      variables.set(one.captures, result.stdout.trim().split('\n')[0] ?? '');
    }
    const unchanged =
      one.differsFrom !== null &&
      result.outcome === 'exited' &&
      result.stdout.trim() === variables.get(one.differsFrom);
    const sameAgain = unchanged ? `it is still ${result.stdout.trim()}` : null;
    const problem =
      complaintAbout(one, result) ?? sameAgain ?? (one.until === null ? null : await statusProblem(run, one.until));
    const exitCode = result.outcome === 'exited' ? result.exitCode : null;
    const verdict = { login: run.login.name, command: shown(argv), exitCode, problem };
    run.judged(verdict);
    verdicts.push(verdict);
  }
  return verdicts;
}

/** One command with the login's variables, and no other cloud's. */
export function runAs(
  login: ClientLogin,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const others = Object.keys(process.env).filter((name) => name.startsWith('OS_'));
  const variables = Object.entries({ ...login.environment, ...environment });
  const clean = [
    'env',
    '-u',
    'PYTHONPATH',
    ...others.flatMap((name) => ['-u', name]),
    'PATH=/usr/bin:/bin',
    'PYTHONWARNINGS=ignore',
  ];
  const set = variables.map(([name, value]) => `${name}=${value}`);
  return runCommand([...clean, ...set, ...argv], { deadlineMs: COMMAND_DEADLINE_MS });
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
    const answer = await fetch(`${url}/v2.1/servers/detail?name=${server}`, { headers: { 'x-auth-token': token } });
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
