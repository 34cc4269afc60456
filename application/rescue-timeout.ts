import { StoreUnavailable } from './ports/event-store.ts';
import { systemContext } from './system-context.ts';
import type { ServerRow } from './views/servers-view.ts';
import type { WatchDependencies } from './watch-dependencies.ts';

/** How often it is looked whether a rescue has lasted too long. */
export const RESCUE_POLL_MS = 10_000;

type Dependencies = WatchDependencies & {
  /** 0: a rescue may last for ever. */
  readonly timeoutMs: number;
};

/**
 * Nova's `rescue_timeout`: unrescues servers that were rescued too long ago. The host that has the server looks after
 * it, so after a migration it is the destination; a server with which something is being done is left for the next look
 * (nova.md D.3-14).
 */
export class RescueTimeout {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, timeoutMs } = this.#dependencies;
    if (timeoutMs === 0) return;
    while (!signal.aborted) {
      await clock.sleep(Math.min(RESCUE_POLL_MS, timeoutMs), signal);
      if (!signal.aborted) await this.#look();
    }
  }

  /** Without the view of the servers nobody can say which are overdue; the next look may. */
  async #look(): Promise<void> {
    try {
      await this.unrescueOverdue();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#dependencies.log.error({ error }, 'Nobody can say which rescues have lasted too long; trying again.');
    }
  }

  async unrescueOverdue(): Promise<void> {
    const { computeApi, ids, log, views } = this.#dependencies;
    for (const row of [...views.servers.all()].filter((server) => this.#isOverdue(server))) {
      const { instanceId } = row;
      try {
        const answer = await computeApi.unrescue(systemContext(ids), instanceId);
        // Refused: somebody was faster.
        if (answer.accepted) log.info({ instanceId }, 'A rescue has lasted too long; the server is unrescued.');
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        log.error({ error, instanceId }, 'A rescue that has lasted too long could not be ended; trying again.');
      }
    }
  }

  #isOverdue({ existence, vmState, task, host, launchedAt }: ServerRow): boolean {
    if (existence !== 'present' || vmState !== 'rescued' || task !== null || host === null) return false;
    if (launchedAt === null || !this.#dependencies.hosts.serves(host)) return false;
    const rescuedForMs = Date.parse(this.#dependencies.clock.now()) - Date.parse(launchedAt);
    return rescuedForMs >= this.#dependencies.timeoutMs;
  }
}
