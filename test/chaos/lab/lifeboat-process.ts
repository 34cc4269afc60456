import { startDemoServer, type DemoServer } from '../../demo/demo-server.ts';
import { isGone } from '../../lab/host-processes.ts';
import { waitUntil } from '../../lab/wait-until.ts';
import { ComputeClient } from '../../support/compute-client.ts';

const START_DEADLINE_MS = 60_000;
const END_DEADLINE_MS = 5000;

/** `lifeboat serve` as a process of its own, which can be killed at any moment and is started again as a service manager would. */
export class LifeboatProcess {
  readonly #directory: string;
  readonly #configuration: object;
  #server: DemoServer | null = null;
  #client: ComputeClient | null = null;

  constructor(directory: string, configuration: object) {
    this.#directory = directory;
    this.#configuration = configuration;
  }

  /** Speaks to the newest process, which may be dead. */
  get client(): ComputeClient {
    if (this.#client === null) throw new Error('LifeboatProcess: not started yet');
    return this.#client;
  }

  get isRunning(): boolean {
    return this.#server !== null && !isGone(this.#server.pid);
  }

  /** Starts it again and again until it answers: while its store cannot be used it ends at once, and says why. */
  async start(): Promise<void> {
    const endsAt = performance.now() + START_DEADLINE_MS;
    for (;;) {
      try {
        this.#server = await startDemoServer(this.#directory, this.#configuration);
        this.#client = new ComputeClient(this.#server.url);
        return;
      } catch (error) {
        if (performance.now() > endsAt) throw error;
      }
    }
  }

  /** SIGKILL; returns when it is gone. */
  async kill(): Promise<void> {
    const pid = this.#server?.pid;
    if (pid === undefined || isGone(pid)) return;
    process.kill(pid, 'SIGKILL');
    await waitUntil(() => (isGone(pid) ? true : null), { deadlineMs: END_DEADLINE_MS, intervalMs: 2 });
  }

  async logTail(): Promise<string> {
    return (await this.#server?.logTail()) ?? '';
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }
}
