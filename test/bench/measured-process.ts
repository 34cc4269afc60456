import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endWithThisProcess, signalGroup } from '../lab/running-commands.ts';
import { waitUntil } from '../lab/wait-until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_DEADLINE_MS = 120_000;
/** Linux: what one tick of a process's times in /proc is. */
const MICROSECONDS_PER_TICK = 10_000;
const KIB_PER_MIB = 1024;

/** A server in a process of its own, so that its processor time and its memory are its own. */
export class MeasuredProcess {
  readonly url: URL;
  readonly #child: ChildProcess;
  readonly #processId: number;

  private constructor(url: string, child: ChildProcess, processId: number) {
    this.url = new URL(url);
    this.#child = child;
    this.#processId = processId;
  }

  /** `argv`: of node; the process must write `"url":"http://..."` when it listens. Throws with its log otherwise. */
  static async start(argv: readonly string[]): Promise<MeasuredProcess> {
    const child = spawn(process.execPath, argv, { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    endWithThisProcess(child, 'SIGKILL');
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-100_000)));
    }
    const listening = (): string | null => /"url":"(http:\/\/[^"]+)"/.exec(log)?.[1] ?? null;
    const exited = (): '' | null => (child.exitCode === null ? null : '');
    const url = await waitUntil(() => listening() ?? exited(), { deadlineMs: START_DEADLINE_MS });
    if (url !== null && url !== '' && child.pid !== undefined) return new MeasuredProcess(url, child, child.pid);
    signalGroup(child, 'SIGKILL');
    throw new Error(`a server did not come up:\n${log}`);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'close');
    signalGroup(this.#child, 'SIGTERM');
    await ended;
  }

  /** Processor time of all its threads since it began, in steps of 10 ms. */
  readonly cpuMicroseconds = (): number => {
    const [, fields = ''] = readFileSync(`/proc/${this.#processId}/stat`, 'utf8').split(') ');
    const [user, system] = fields.split(' ').slice(11, 13).map(Number);
    return ((user ?? Number.NaN) + (system ?? Number.NaN)) * MICROSECONDS_PER_TICK;
  };

  /** What of it is in memory now. */
  residentMib(): number {
    const status = readFileSync(`/proc/${this.#processId}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / KIB_PER_MIB;
  }
}
