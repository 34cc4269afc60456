import type { HostName } from '../domain/shared/ids.ts';
import type { HostFacts, HypervisorDriver } from './ports/hypervisor-driver.ts';

/** What a host's driver can do that others cannot. */
export type HostAbilities = {
  /** Servers that do not run can be moved to and from it. */
  readonly movesCold: boolean;
  /** The disk of a server can become an image. */
  readonly storesImages: boolean;
};

const NO_ABILITIES: HostAbilities = { movesCold: false, storesImages: false };

/**
 * The hypervisor hosts that this process can reach, which of them it serves, and what each last said of itself. Only the
 * one process that serves a host changes its servers; migrations reach both of their hosts from one process.
 */
export class ComputeHosts {
  readonly #drivers: ReadonlyMap<HostName, HypervisorDriver>;
  readonly #facts = new Map<HostName, HostFacts>();
  readonly #abilities = new Map<HostName, HostAbilities>();
  readonly #served: Set<HostName>;

  /** `served` left out: all of them, for a process that has no others beside it. */
  constructor(drivers: readonly HypervisorDriver[], served: readonly HostName[] = drivers.map(({ host }) => host)) {
    this.#drivers = new Map(drivers.map((driver) => [driver.host, driver]));
    this.#served = new Set(served);
  }

  /** Null: this process cannot reach the host. */
  driver(host: HostName): HypervisorDriver | null {
    return this.#drivers.get(host) ?? null;
  }

  /** Those that this process serves. */
  all(): readonly HypervisorDriver[] {
    return this.reachable().filter(({ host }) => this.#served.has(host));
  }

  reachable(): readonly HypervisorDriver[] {
    return [...this.#drivers.values()];
  }

  serves(host: HostName): boolean {
    return this.#served.has(host);
  }

  /** From now on this process serves it: no other one does. */
  serve(host: HostName): void {
    this.#served.add(host);
  }

  /** Kept by the heartbeat of whoever serves it; null until the host has answered once. */
  facts(host: HostName): HostFacts | null {
    return this.#facts.get(host) ?? null;
  }

  remember(host: HostName, facts: HostFacts): void {
    this.#facts.set(host, facts);
  }

  abilities(host: HostName): HostAbilities {
    const driver = this.driver(host);
    if (driver === null) return this.#abilities.get(host) ?? NO_ABILITIES;
    return { movesCold: driver.coldMigrations !== null, storesImages: driver.snapshots !== null };
  }

  /** As the process that serves it tells. */
  rememberAbilities(host: HostName, abilities: HostAbilities): void {
    this.#abilities.set(host, abilities);
  }
}
