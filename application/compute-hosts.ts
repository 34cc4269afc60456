import type { HostName } from '../domain/shared/ids.ts';
import type { HostFacts, HypervisorDriver } from './ports/hypervisor-driver.ts';

/** The hypervisor hosts whose compute service this process runs, and what each last said of itself. */
export class ComputeHosts {
  readonly #drivers: ReadonlyMap<HostName, HypervisorDriver>;
  readonly #facts = new Map<HostName, HostFacts>();

  constructor(drivers: readonly HypervisorDriver[]) {
    this.#drivers = new Map(drivers.map((driver) => [driver.host, driver]));
  }

  driver(host: HostName): HypervisorDriver | null {
    return this.#drivers.get(host) ?? null;
  }

  all(): readonly HypervisorDriver[] {
    return [...this.#drivers.values()];
  }

  /** Kept by the heartbeat; null until the host has answered once. */
  facts(host: HostName): HostFacts | null {
    return this.#facts.get(host) ?? null;
  }

  remember(host: HostName, facts: HostFacts): void {
    this.#facts.set(host, facts);
  }
}
