import type { HostName } from '../domain/shared/ids.ts';
import type { ComputeHosts } from './compute-hosts.ts';
import type { HostValue, Latest, LatestKey, LatestValues } from './ports/latest-values.ts';
import type { Log } from './ports/log.ts';
import type { ProcessLease } from './process-lease.ts';

type Dependencies = {
  readonly values: LatestValues;
  readonly lease: ProcessLease;
  readonly hosts: ComputeHosts;
  readonly log: Log;
};

/**
 * Makes this process the only one that serves its hosts, and one of all the one that chooses hosts. A host whose process
 * may still act is waited for; that process's lease tells.
 */
export class HostClaims {
  readonly #dependencies: Dependencies;
  readonly #wanted: readonly HostName[];
  readonly #revisions = new Map<LatestKey, number>();
  readonly #published = new Map<HostName, string>();
  readonly #told = new Set<string>();

  constructor(dependencies: Dependencies, wanted: readonly HostName[]) {
    this.#dependencies = dependencies;
    this.#wanted = wanted;
  }

  /** Takes whatever is free by now. Throws StoreUnavailable. */
  async claim(): Promise<void> {
    const { hosts, lease } = this.#dependencies;
    if (!lease.schedules && this.#wanted.length > 0) await this.#claimScheduler();
    for (const host of this.waitsFor()) if (await this.#claimHost(host)) hosts.serve(host);
  }

  /** Hosts that another process still serves. */
  waitsFor(): readonly HostName[] {
    return this.#wanted.filter((host) => !this.#dependencies.hosts.serves(host));
  }

  /** Tells others what the hosts of this process have last said, where that is news. Throws StoreUnavailable. */
  async publish(): Promise<void> {
    for (const { host } of this.#dependencies.hosts.all()) {
      const news = JSON.stringify(this.#valueOf(host), withoutUptime);
      if (this.#published.get(host) === news) continue;
      if (await this.#write(host, this.#revisions.get(`host-${host}`))) this.#published.set(host, news);
    }
  }

  async #claimScheduler(): Promise<void> {
    const { lease, values } = this.#dependencies;
    const present = await values.read('scheduler');
    if (present !== null && !(await lease.isGone(present.value.runner))) return;
    const written = await values.write('scheduler', { runner: lease.runner }, present?.revision ?? null);
    lease.schedules = written !== null;
  }

  async #claimHost(host: HostName): Promise<boolean> {
    const { lease, values } = this.#dependencies;
    const present = await values.read(`host-${host}`);
    if (present !== null && !(await lease.isGone(present.value.runner))) {
      await this.#tell(host, present);
      return false;
    }
    return this.#write(host, present?.revision);
  }

  async #write(host: HostName, expected: number | undefined): Promise<boolean> {
    const { hosts, values } = this.#dependencies;
    const key = `host-${host}` as const;
    const written = await values.write(key, this.#valueOf(host), expected ?? null);
    if (written !== null) this.#revisions.set(key, written);
    else if (hosts.serves(host)) await this.#recover(host);
    return written !== null;
  }

  #valueOf(host: HostName): HostValue {
    const { hosts, lease } = this.#dependencies;
    return { runner: lease.runner, facts: hosts.facts(host), ...hosts.abilities(host) };
  }

  /** An earlier write of ours whose answer was lost; anything else the lease finds out. */
  async #recover(host: HostName): Promise<void> {
    const newest = await this.#dependencies.values.read(`host-${host}`);
    if (newest?.value.runner === this.#dependencies.lease.runner) this.#revisions.set(`host-${host}`, newest.revision);
  }

  async #tell(host: HostName, { value: { runner } }: Latest<HostValue>): Promise<void> {
    if (this.#told.has(`${host} ${runner}`)) return;
    this.#told.add(`${host} ${runner}`);
    const { log, values } = this.#dependencies;
    const other = await values.read(`process-${runner}`);
    log.warn({ host, runner, process: other?.value.description }, WAITING);
  }
}

// It is always news, and not worth a write for each host and look.
const withoutUptime = (key: string, value: unknown): unknown => (key === 'uptime' ? undefined : value);

const WAITING =
  'Another process serves this host. Only one may: this one waits until that one has been stopped, or has not been ' +
  'heard of for the whole of its lease.';
