import { isUp } from '../domain/service-version/compute-service-state.ts';
import type { HostName } from '../domain/shared/ids.ts';
import type { MigrationProgressBoard } from './migration-progress-board.ts';
import { StoreUnavailable } from './ports/event-store.ts';
import type { MigrationProgress } from './ports/hypervisor-driver.ts';
import type { LatestValues } from './ports/latest-values.ts';
import { systemContext } from './system-context.ts';
import type { WatchDependencies } from './watch-dependencies.ts';
import type { WorkLease } from './work-lease.ts';

type Dependencies = WatchDependencies & {
  readonly values: LatestValues;
  readonly lease: WorkLease;
  readonly progress: MigrationProgressBoard;
  /** Between two looks at every host. */
  readonly intervalMs: number;
};

/** How often copies under way are looked at. */
const PROGRESS_INTERVAL_MS = 1000;

/**
 * What this process knows of the hosts and copies of other processes: what they last said, and whether they still
 * live. One that does not is said to be down by whoever notices first; said twice, it is recorded once.
 */
export class FleetWatch {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Looks again and again until `signal` aborts. Never rejects for a store that is away. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#dependencies;
    const stepMs = Math.min(PROGRESS_INTERVAL_MS, intervalMs);
    for (let sinceMs = intervalMs; !signal.aborted; sinceMs += stepMs) {
      const isDue = sinceMs >= intervalMs;
      if (isDue) sinceMs = 0;
      await this.#whileStoreAnswers(() => (isDue ? this.look() : this.#lookAtCopies()));
      await clock.sleep(stepMs, signal);
    }
  }

  /** One look at everything. Throws StoreUnavailable. */
  async look(): Promise<void> {
    const { hosts, views } = this.#dependencies;
    for (const { host } of views.computeServices.all()) if (!hosts.serves(host)) await this.#lookAt(host);
    await this.#lookAtCopies();
  }

  async #lookAt(host: HostName): Promise<void> {
    const { computeApi, hosts, ids, lease, log, values, views } = this.#dependencies;
    const latest = await values.read(`host-${host}`);
    if (latest !== null) {
      const { facts, movesCold, storesImages } = latest.value;
      if (facts !== null) hosts.remember(host, facts);
      hosts.rememberAbilities(host, { movesCold, storesImages });
    }
    const service = views.computeServices.find(host);
    if (service?.up !== true) return;
    if (latest !== null && !(await lease.isGone(latest.value.runner))) return;
    // Served again meanwhile, perhaps by this process.
    if (hosts.serves(host) || (await values.read(`host-${host}`))?.value.runner !== latest?.value.runner) return;
    const command = { type: 'ReportDown', reason: SILENT } as const;
    await computeApi.changeComputeService(systemContext(ids), host, command);
    if (isUp(service)) log.warn({ host }, `The compute service of a host is down: ${SILENT}.`);
  }

  async #lookAtCopies(): Promise<void> {
    const { lease, progress, values, views } = this.#dependencies;
    const runners = new Set<string>();
    for (const { saga } of views.migrations.all()) {
      if (saga.phase === 'forward' && saga.claim.runner !== null) runners.add(saga.claim.runner);
    }
    runners.delete(lease.runner);
    const heard = new Map<string, MigrationProgress>();
    for (const runner of runners) {
      const latest = await values.read(`process-${runner}`);
      for (const [migration, counters] of Object.entries(latest?.value.progress ?? {})) heard.set(migration, counters);
    }
    progress.hear(heard);
  }

  async #whileStoreAnswers(look: () => Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#dependencies.log.warn({ error }, 'The other processes could not be looked after.');
    }
  }
}

const SILENT = 'its compute service was stopped, or is not heard of any more';
