import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { isNoSuchFile, isServerError, outcomeOf } from './call-outcome.ts';
import type { CallResult } from './rpc/call-result.ts';
import type { LibvirtConnections } from './libvirt-connections.ts';
import { PoolVolumes } from './pool-volumes.ts';
import {
  STORAGE_POOL_CREATE_XML,
  STORAGE_POOL_DEFINE_XML,
  STORAGE_POOL_DELETE,
  STORAGE_POOL_DESTROY,
  STORAGE_POOL_LOOKUP_BY_NAME,
  STORAGE_POOL_UNDEFINE,
  STORAGE_VOL_DELETE,
} from './rpc/storage-procedures.ts';
import type { RemoteStoragePool } from './rpc/remote-objects.ts';
import { buildXml, serializeXml, xml } from './xml-document.ts';

/** virStoragePoolCreateFlags: make the directory when it is not there. */
const CREATE_WITH_BUILD = 1;

/**
 * A directory of one host as a libvirt storage pool of its own: files travel without ssh and without an agent. The pool
 * is transient; the directory is what lasts.
 */
export class DirectoryPool extends PoolVolumes {
  readonly #connections: LibvirtConnections;
  readonly #poolName: string;

  constructor(connections: LibvirtConnections, path: string, poolName: string) {
    super(connections, path);
    this.#connections = connections;
    this.#poolName = poolName;
  }

  /** Null when the directory does not exist. A pool that is there is made to look at the directory anew. */
  async find(patienceMs?: number): Promise<Outcome<RemoteStoragePool | null>> {
    const found = await this.#connections.call(STORAGE_POOL_LOOKUP_BY_NAME, { name: this.#poolName });
    if (found.outcome === 'succeeded') {
      const refreshed = await this.refresh(found.value, patienceMs);
      if (refreshed.outcome === 'succeeded') return found;
      // A pool whose directory went behind libvirt's back ends here, and what now stands in its place is looked at.
      if (!isNoSuchFile(refreshed)) return outcomeOf({ ...refreshed }, `refreshing the storage pool of ${this.path}`);
    } else if (!isServerError(found, 'VIR_ERR_NO_STORAGE_POOL')) return outcomeOf(found, `looking for ${this.path}`);
    // Without the build flag libvirt opens the directory and refuses when there is none.
    const opened = await this.#open(0);
    if (opened.outcome === 'succeeded') return opened;
    return isNoSuchFile(opened) ? succeeded(null) : outcomeOf(opened, `opening ${this.path}`);
  }

  /** The pool as libvirt last saw it, which is enough to make files in it; null when libvirt has none. */
  async pool(): Promise<Outcome<RemoteStoragePool | null>> {
    const found = await this.#connections.call(STORAGE_POOL_LOOKUP_BY_NAME, { name: this.#poolName });
    return found.outcome === 'succeeded' ? found : this.find();
  }

  /** Makes the directory unless it is there. */
  async ensure(): Promise<Outcome<RemoteStoragePool>> {
    const found = await this.find();
    if (found.outcome !== 'succeeded') return found;
    if (found.value !== null) return succeeded(found.value);
    return outcomeOf(await this.#open(CREATE_WITH_BUILD), `making ${this.path}`);
  }

  /** Where somebody else came first, what is there now. */
  async #open(flags: number): Promise<CallResult<RemoteStoragePool>> {
    const created = await this.#connections.call(STORAGE_POOL_CREATE_XML, { xml: this.#poolXml(), flags });
    if (created.outcome !== 'failed' || isNoSuchFile(created)) return created;
    const found = await this.#connections.call(STORAGE_POOL_LOOKUP_BY_NAME, { name: this.#poolName });
    return found.outcome === 'succeeded' ? found : created;
  }

  /** Every file, the directory and the pool. Succeeds when nothing was there. */
  async remove(): Promise<Outcome<null>> {
    const found = await this.find();
    if (found.outcome !== 'succeeded') return found;
    if (found.value === null) return succeeded(null);
    const files = await this.files(found.value);
    if (files.outcome !== 'succeeded') return files;
    for (const volume of files.value) {
      const removed = await this.#connections.call(STORAGE_VOL_DELETE, { volume, flags: 0 });
      if (removed.outcome !== 'succeeded') return outcomeOf(removed, `removing ${volume.key}`);
    }
    return this.#removeEmpty(found.value);
  }

  /** libvirt forgets the directory, which stays as it is. Succeeds when it knew nothing of it. */
  async release(): Promise<Outcome<null>> {
    const found = await this.#connections.call(STORAGE_POOL_LOOKUP_BY_NAME, { name: this.#poolName });
    if (isServerError(found, 'VIR_ERR_NO_STORAGE_POOL')) return succeeded(null);
    if (found.outcome !== 'succeeded') return outcomeOf(found, `looking for ${this.path}`);
    return outcomeOf(
      await this.#connections.call(STORAGE_POOL_DESTROY, { pool: found.value }),
      `letting go of ${this.path}`,
    );
  }

  // Only a defined and inactive pool can be deleted, which is how libvirt removes an empty directory.
  async #removeEmpty(pool: RemoteStoragePool): Promise<Outcome<null>> {
    const doing = `removing ${this.path}`;
    const stopped = await this.#connections.call(STORAGE_POOL_DESTROY, { pool });
    if (stopped.outcome !== 'succeeded') return outcomeOf(stopped, doing);
    const defined = await this.#connections.call(STORAGE_POOL_DEFINE_XML, { xml: this.#poolXml(), flags: 0 });
    if (defined.outcome !== 'succeeded') return outcomeOf(defined, doing);
    const deleted = await this.#connections.call(STORAGE_POOL_DELETE, { pool: defined.value, flags: 0 });
    const forgotten = await this.#connections.call(STORAGE_POOL_UNDEFINE, { pool: defined.value });
    return deleted.outcome === 'succeeded' ? outcomeOf(forgotten, doing) : outcomeOf(deleted, doing);
  }

  #poolXml(): string {
    const target = xml('target', {}, xml('path', {}, this.path));
    return serializeXml(buildXml(xml('pool', { type: 'dir' }, xml('name', {}, this.#poolName), target)));
  }
}
