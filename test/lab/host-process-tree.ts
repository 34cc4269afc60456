import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { initPidBelow, isGone, pidNamespaceOf, processesInNamespace, type HostProcess } from './host-processes.ts';
import { waitUntil } from './wait-until.ts';

export type BindMount = { readonly outside: string; readonly inside: string };

const READY_DEADLINE_MS = 15_000;
const END_DEADLINE_MS = 10_000;
const END_NOW_DEADLINE_MS = 3_000;
const END_NOW_INTERVAL_MS = 5;
const INIT_SCRIPT = join(import.meta.dirname, 'host-init.sh');
const NAMESPACES = ['--net', '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * The processes of one laboratory host: an `unshare` whose only child is PID 1 of the host's namespaces.
 * When PID 1 ends, the kernel ends all others and drops the mounts and interfaces. PID 1 also ends by itself when its
 * standard input closes, that is, when this process is killed without a chance to clean up.
 */
export class HostProcessTree {
  readonly #unshare: ChildProcess;
  readonly #hostDirectory: string;
  #initPid: number | null = null;
  #pidNamespace: string | null = null;

  constructor(hostDirectory: string, hostName: string, mounts: readonly BindMount[]) {
    this.#hostDirectory = hostDirectory;
    const log = openSync(join(hostDirectory, 'log', 'init.log'), 'a');
    const mountArguments = mounts.flatMap(({ outside, inside }) => [outside, inside]);
    const argv = [...NAMESPACES, '--propagation', 'private', '/bin/bash', INIT_SCRIPT, hostDirectory, hostName];
    this.#unshare = spawn('unshare', [...argv, ...mountArguments], {
      detached: true,
      stdio: ['pipe', log, log],
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', HOME: '/root' },
    });
    closeSync(log);
    // Failing to start shows as "ended before it was ready", and its cause in init.log.
    this.#unshare.on('error', () => {});
    this.#unshare.stdin?.on('error', () => {});
  }

  /** Pid of the host's PID 1 as seen from outside; throws before `waitUntilReady` has found it. */
  get initPid(): number {
    if (this.#initPid === null) throw new Error(`${this.#hostDirectory}: PID 1 is not known yet`);
    return this.#initPid;
  }

  /** Null when the mounts are made and PID 1 is known within 15 s, else what went wrong. */
  async waitUntilReady(): Promise<string | null> {
    const probe = async (): Promise<string | null> => {
      this.#findInit();
      if (this.#hasEnded()) return 'it ended before it was ready';
      return this.#pidNamespace !== null && (await exists(join(this.#hostDirectory, 'ready'))) ? 'ready' : null;
    };
    const answer = await waitUntil(probe, { deadlineMs: READY_DEADLINE_MS });
    if (answer === 'ready') return null;
    return answer ?? `it was not ready after ${READY_DEADLINE_MS} ms`;
  }

  processes(): readonly HostProcess[] {
    return this.#pidNamespace === null ? [] : processesInNamespace(this.#pidNamespace);
  }

  /** Kills PID 1 and waits until nothing of the host is left. Null, or what is still there after 10 s. */
  async end(): Promise<string | null> {
    this.#kill();
    const probe = (): true | null => (this.#hasEnded() && this.processes().length === 0 ? true : null);
    if ((await waitUntil(probe, { deadlineMs: END_DEADLINE_MS, intervalMs: 10 })) !== null) return null;
    const left = this.processes().map(({ pid, commandLine }) => `${pid} (${commandLine[0] ?? '?'})`);
    return `${this.#hostDirectory}: still alive ${END_DEADLINE_MS} ms after being killed: ${left.join(', ')}`;
  }

  /** As `end`, without the event loop: for a process that is about to exit. Waits at most 3 s. */
  endNow(): void {
    this.#kill();
    const init = this.#initPid;
    if (init === null) return;
    const endsAt = performance.now() + END_NOW_DEADLINE_MS;
    const pause = new Int32Array(new SharedArrayBuffer(4));
    while (!isGone(init) && performance.now() < endsAt) {
      Atomics.wait(pause, 0, 0, END_NOW_INTERVAL_MS);
    }
  }

  #kill(): void {
    this.#findInit();
    if (this.#initPid !== null && !isGone(this.#initPid)) signalIfThere(this.#initPid);
    // Not before PID 1 was signalled: a dead `unshare` could no longer tell which one it is.
    if (!this.#hasEnded()) this.#unshare.kill('SIGKILL');
    this.#unshare.stdin?.destroy();
  }

  #findInit(): void {
    const unsharePid = this.#unshare.pid;
    if (this.#initPid !== null || unsharePid === undefined) return;
    this.#initPid = initPidBelow(unsharePid);
    if (this.#initPid !== null) this.#pidNamespace = pidNamespaceOf(this.#initPid);
  }

  #hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#unshare;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

function signalIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in between, which is what was wanted.
  }
}
