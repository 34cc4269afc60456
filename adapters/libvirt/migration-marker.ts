import type { InstanceId, MigrationId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import type { RemoteStoragePool } from './rpc/remote-objects.ts';

/**
 * `migration`, on the source: a copy may wait there for its Confirm. `suspended`, on the source: force-complete has made
 * the guest stand still, and not its owner. `incoming`, at the destination: this migration has made the directory, and
 * may remove it. `arriving`, at the destination, in a directory that both hosts have: only the guest is this
 * migration's. `definition`, there too: what `unrescue.xml` will be when the guest has arrived. `probe`: what one host
 * makes and another looks for.
 */
export type MarkerKind = 'migration' | 'suspended' | 'incoming' | 'arriving' | 'definition' | 'probe';

export const markerName = (kind: MarkerKind, migrationId: MigrationId): string => `${kind}-${migrationId}`;

/** Names of markers, whatever migration they are of. */
const MARKER = /^(migration|suspended|incoming|arriving|definition|probe)-/;

/** Whether a file of a server's directory is a migration's and not the server's. */
export const isMarker = (fileName: string): boolean => MARKER.test(fileName);

/**
 * An empty file in the server's directory, on both hosts, while a migration is under way. It outlives this process: at
 * the destination it tells a directory of ours from a foreign one, on the source a copy that waits for its Confirm from
 * a server that its owner has paused or stopped.
 */
export class MigrationMarker {
  readonly #directory: InstanceDirectory;
  readonly #name: string;

  constructor(host: LibvirtHost, instanceId: InstanceId, migrationId: MigrationId, kind: MarkerKind = 'migration') {
    this.#directory = host.directory(instanceId);
    this.#name = markerName(kind, migrationId);
  }

  /** Fails when the directory does not exist. */
  async place(): Promise<Outcome<null>> {
    const pool = await this.#directory.find();
    if (pool.outcome !== 'succeeded') return pool;
    return pool.value === null ? failed(`${this.#directory.path} does not exist`) : this.placeIn(pool.value);
  }

  async placeIn(pool: RemoteStoragePool): Promise<Outcome<null>> {
    const created = await this.#directory.create(pool, { name: this.#name, format: 'raw', capacityBytes: 0 });
    return created.outcome === 'succeeded' ? succeeded(null) : created;
  }

  async stands(): Promise<Outcome<boolean>> {
    const pool = await this.#directory.find();
    if (pool.outcome !== 'succeeded') return pool;
    if (pool.value === null) return succeeded(false);
    const volume = await this.#directory.volume(pool.value, this.#name);
    return volume.outcome === 'succeeded' ? succeeded(volume.value !== null) : volume;
  }

  /** Succeeds when there is none. */
  async remove(): Promise<Outcome<null>> {
    const pool = await this.#directory.find();
    if (pool.outcome !== 'succeeded') return pool;
    return pool.value === null ? succeeded(null) : this.#directory.removeFile(pool.value, this.#name);
  }

  /** An empty directory belongs to nobody: it is what a crash between making it and marking it leaves. */
  async isOurs(pool: RemoteStoragePool): Promise<Outcome<boolean>> {
    const files = await this.#directory.files(pool);
    if (files.outcome !== 'succeeded') return files;
    return succeeded(files.value.length === 0 || files.value.some(({ name }) => name === this.#name));
  }
}
