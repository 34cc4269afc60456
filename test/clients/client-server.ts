import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endWithThisProcess, signalGroup } from '../lab/running-commands.ts';
import { waitUntil } from '../lab/wait-until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_DEADLINE_MS = 60_000;
const LOG_CHARACTERS_MAX = 1_000_000;

export type ClientServer = {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

/** This program as a process of its own, as an operator starts it. Throws with its log when it does not come up. */
export async function startClientServer(configurationPath: string, configuration: object): Promise<ClientServer> {
  writeFileSync(configurationPath, JSON.stringify(configuration));
  const argv = ['adapters/cli/lifeboat.ts', 'serve', '--config', configurationPath];
  const child = spawn(process.execPath, argv, { cwd: ROOT, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  endWithThisProcess(child, 'SIGKILL');
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-LOG_CHARACTERS_MAX)));
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    signalGroup(child, 'SIGTERM');
    await ended;
  };
  const listening = (): string | null => /"url":"(http:\/\/[^"]+)"/.exec(log)?.[1] ?? null;
  const exited = (): string | null => (child.exitCode === null ? null : '');
  const url = await waitUntil(() => listening() ?? exited(), { deadlineMs: START_DEADLINE_MS });
  if (url !== null && url !== '') return { url, log: () => log, stop };
  await stop();
  throw new Error(`the server did not come up:\n${log}`);
}
