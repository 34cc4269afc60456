import type { HostName, InstanceId } from '../../domain/shared/ids.ts';

type Placed = {
  readonly existence: 'present' | 'deleted';
  readonly instanceId: InstanceId;
  readonly host: HostName | null;
  readonly flavor: { readonly ramMiB: number };
};
type OnHost<Row> = { readonly rows: Map<InstanceId, Row>; memoryMiB: number };

/** The servers that are there, by where they are: with a thousand hosts nobody can look through all servers for each. */
export class ServersByHost<Row extends Placed> {
  readonly #hosts = new Map<HostName, OnHost<Row>>();

  /** `before`: what was put last of the same server; null for a new one. */
  put(before: Row | null, after: Row): void {
    const left = before?.existence === 'present' ? before.host : null;
    const reached = after.existence === 'present' ? after.host : null;
    if (before !== null && left !== null && left !== reached) this.#remove(left, before);
    if (reached !== null) this.#add(reached, after, left === reached ? before : null);
  }

  /** In no order. */
  on(host: HostName): Iterable<Row> {
    return this.#hosts.get(host)?.rows.values() ?? [];
  }

  /** What the servers on a host may use, whatever they use at the moment. */
  claimedMemoryMiB(host: HostName): number {
    return this.#hosts.get(host)?.memoryMiB ?? 0;
  }

  /** `before`: the same server's row on this host, in whose place the new one is put. */
  #add(host: HostName, row: Row, before: Row | null): void {
    let onHost = this.#hosts.get(host);
    if (onHost === undefined) this.#hosts.set(host, (onHost = { rows: new Map<InstanceId, Row>(), memoryMiB: 0 }));
    onHost.rows.set(row.instanceId, row);
    onHost.memoryMiB += row.flavor.ramMiB - (before?.flavor.ramMiB ?? 0);
  }

  #remove(host: HostName, row: Row): void {
    const onHost = this.#hosts.get(host);
    if (onHost?.rows.delete(row.instanceId) === true) onHost.memoryMiB -= row.flavor.ramMiB;
  }
}
