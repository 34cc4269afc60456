import { serviceVersion, type HostName, type ServiceVersion } from '../domain/shared/ids.ts';
import { computeServiceId } from '../domain/shared/ids.ts';
import { StoreUnavailable } from './ports/event-store.ts';
import type { HypervisorDriver } from './ports/hypervisor-driver.ts';
import { systemContext } from './system-context.ts';
import type { WatchDependencies } from './watch-dependencies.ts';

/** Beats a host may miss before its compute service is said to be down; one lost answer is no outage. */
export const MISSED_BEATS_MAX = 2;

type Dependencies = WatchDependencies & {
  readonly heartbeatMs: number;
};

/**
 * Speaks for the compute services of this process's hosts: their versions, whether they are up, what they have. A beat
 * is no event; coming up, going down and an upgrade are.
 */
export class ComputeServiceReporter {
  readonly #dependencies: Dependencies;
  readonly #missed = new Map<HostName, number>();
  #versions: ReadonlyMap<HostName, ServiceVersion>;

  constructor(dependencies: Dependencies, versions: ReadonlyMap<HostName, ServiceVersion>) {
    this.#dependencies = dependencies;
    this.#versions = versions;
  }

  /** New versions from a configuration that was read again; reported at once. */
  async useVersions(versions: ReadonlyMap<HostName, ServiceVersion>): Promise<void> {
    this.#versions = versions;
    await this.beat();
  }

  /** Beats until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#dependencies.clock.sleep(this.#dependencies.heartbeatMs, signal);
      if (!signal.aborted) await this.beat();
    }
  }

  /** Asks every host once, all at the same time. Never rejects: a beat that fails is a beat missed. */
  async beat(): Promise<void> {
    await Promise.all(this.#dependencies.hosts.all().map((driver) => this.#beatOf(driver)));
  }

  async #beatOf(driver: HypervisorDriver): Promise<void> {
    const { host } = driver;
    try {
      const facts = await driver.hostFacts();
      if (facts.outcome === 'succeeded') {
        this.#missed.set(host, 0);
        this.#dependencies.hosts.remember(host, facts.value);
        await this.#report(host);
      } else {
        await this.#miss(host, facts.reason);
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#dependencies.log.error({ host, error }, 'The compute service could not report.');
    }
  }

  async #report(host: HostName): Promise<void> {
    const { computeApi, ids, log, views } = this.#dependencies;
    const known = views.computeServices.find(host);
    const version = this.#versions.get(host) ?? serviceVersion(0);
    if (known !== null && known.version === version && known.up) return;
    const serviceId = known?.serviceId ?? computeServiceId(ids.uuid());
    const command = { type: 'ReportComputeService', serviceId, host, version } as const;
    const answer = await computeApi.changeComputeService(systemContext(this.#dependencies.ids), host, command);
    if (answer.accepted) log.info({ host, version }, 'Compute service reported.');
    else log.error({ host, refusal: answer.refusal }, 'Compute service refused; it must not run with this version.');
  }

  async #miss(host: HostName, reason: string): Promise<void> {
    const missed = (this.#missed.get(host) ?? 0) + 1;
    this.#missed.set(host, missed);
    this.#dependencies.log.warn({ host, reason, missed }, 'A hypervisor host did not answer.');
    if (missed < MISSED_BEATS_MAX || this.#dependencies.views.computeServices.find(host)?.up !== true) return;
    await this.#dependencies.computeApi.changeComputeService(systemContext(this.#dependencies.ids), host, {
      type: 'ReportDown',
      reason,
    });
  }
}
