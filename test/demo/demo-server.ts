import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isGone } from '../lab/host-processes.ts';
import { endWithThisProcess } from '../lab/running-commands.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { DemoFailure, NEXT_LOOK_AT_LOGS } from './demo-failure.ts';

/** The demo's `lifeboat serve`, as its own process like any operator's. */
export type DemoServer = {
  readonly url: string;
  readonly storeUrl: string;
  readonly pid: number;
  /** Writes the configuration anew and lets the process read it; returns when it says that it has. */
  readonly reconfigure: (configuration: object) => Promise<void>;
  readonly logTail: () => Promise<string>;
  /** Asks it to stop, and kills it when it does not within 10 s. */
  readonly stop: () => Promise<void>;
};

export const LIFEBOAT = join(import.meta.dirname, '..', '..', 'adapters', 'cli', 'lifeboat.ts');
const START_DEADLINE_MS = 30_000;
const RECONFIGURE_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 10_000;
const PROBE_DEADLINE_MS = 2000;
const LOG_TAIL_CHARACTERS = 3000;
const READ_AGAIN = 'The configuration was read again.';

/**
 * Starts `lifeboat serve` with its files in `directory` and returns when it answers. `configuration` lacks `listen` and
 * `store`, which are chosen here: a free port of the loopback address, a SQLite file. The process ends with this one.
 */
export async function startDemoServer(directory: string, configuration: object): Promise<DemoServer> {
  const storeUrl = `sqlite:${join(directory, 'events.db')}`;
  const listen = { address: '127.0.0.1', port: await freePort() };
  const url = `http://${listen.address}:${listen.port}`;
  const configurationPath = join(directory, 'lifeboat.json');
  const logPath = join(directory, 'lifeboat.log');
  const write = (settings: object): Promise<void> =>
    writeFile(configurationPath, `${JSON.stringify({ listen, store: storeUrl, ...settings }, null, 2)}\n`);
  await write(configuration);
  const child = spawnServer(configurationPath, logPath);
  const log = (): Promise<string> => readFile(logPath, 'utf8').catch(() => '');
  const logTail = async (): Promise<string> =>
    `--- lifeboat.log ends with:\n${(await log()).slice(-LOG_TAIL_CHARACTERS)}`;
  const stop = (): Promise<void> => stopServer(child);
  const answers = await waitUntil(async () => (hasEnded(child) ? 'ended' : await probe(url)), {
    deadlineMs: START_DEADLINE_MS,
  });
  if (answers !== 'answers') {
    const why = answers === 'ended' ? 'The process ended.' : `It did not answer within ${START_DEADLINE_MS} ms.`;
    throw new DemoFailure({
      what: 'Lifeboat did not start.',
      why: `${why}\n${await logTail()}`,
      next: NEXT_LOOK_AT_LOGS,
    });
  }
  const reconfigure = async (settings: object): Promise<void> => {
    const before = occurrences(await log(), READ_AGAIN);
    await write(settings);
    child.kill('SIGHUP');
    const read = await waitUntil(async () => (occurrences(await log(), READ_AGAIN) > before ? true : null), {
      deadlineMs: RECONFIGURE_DEADLINE_MS,
    });
    if (read !== null) return;
    const what = `Lifeboat did not read its configuration again within ${RECONFIGURE_DEADLINE_MS} ms of SIGHUP.`;
    throw new DemoFailure({ what, why: await logTail(), next: NEXT_LOOK_AT_LOGS });
  };
  return { url, storeUrl, pid: child.pid ?? 0, reconfigure, logTail, stop };
}

function spawnServer(configurationPath: string, logPath: string): ChildProcess {
  const log = openSync(logPath, 'a');
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('LIFEBOAT_'));
  // The kernel ends it even when this process is killed outright; a process group of its own, because Ctrl-C on the
  // terminal is for the demo, which then decides what ends in which order.
  const argv = ['--pdeathsig', 'KILL', '--', process.execPath, LIFEBOAT, 'serve', '--config', configurationPath];
  const child = spawn('setpriv', argv, {
    detached: true,
    stdio: ['ignore', log, log],
    env: Object.fromEntries(environment),
  });
  closeSync(log);
  endWithThisProcess(child, 'SIGKILL');
  // Failing to start shows as "the process ended".
  child.on('error', () => {});
  return child;
}

async function probe(url: string): Promise<'answers' | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_DEADLINE_MS) });
    await response.arrayBuffer();
    return 'answers';
  } catch {
    return null;
  }
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const { pid } = child;
  child.kill('SIGTERM');
  const ended = (): true | null => (isGone(pid) ? true : null);
  if ((await waitUntil(ended, { deadlineMs: STOP_DEADLINE_MS })) !== null) return;
  child.kill('SIGKILL');
  await waitUntil(ended, { deadlineMs: STOP_DEADLINE_MS });
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Asked for before the start, so that the address survives in the configuration when that is written anew. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      server.close(() => (port === undefined ? reject(new Error('no free port')) : resolve(port)));
    });
  });
}
