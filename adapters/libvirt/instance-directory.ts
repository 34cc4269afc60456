import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { isNoSuchFile, isServerError, outcomeOf } from './call-outcome.ts';
import { exactBytes } from './exact-bytes.ts';
import type { CallResult } from './rpc/call-result.ts';
import type { LibvirtConnections } from './libvirt-connections.ts';
import { TRANSFER_DEADLINE_MS, type LibvirtHostOptions } from './libvirt-host-options.ts';
import {
  STORAGE_POOL_CREATE_XML,
  STORAGE_POOL_DEFINE_XML,
  STORAGE_POOL_DELETE,
  STORAGE_POOL_DESTROY,
  STORAGE_POOL_GET_INFO,
  STORAGE_POOL_LIST_ALL_VOLUMES,
  STORAGE_POOL_LOOKUP_BY_NAME,
  STORAGE_POOL_REFRESH,
  STORAGE_POOL_UNDEFINE,
  STORAGE_VOL_CREATE_XML,
  STORAGE_VOL_DELETE,
  STORAGE_VOL_DOWNLOAD,
  STORAGE_VOL_GET_INFO,
  STORAGE_VOL_GET_INFO_FLAGS,
  STORAGE_VOL_LOOKUP_BY_NAME,
  STORAGE_VOL_RESIZE,
  STORAGE_VOL_UPLOAD,
} from './rpc/storage-procedures.ts';
import type { RemoteStoragePool, RemoteStorageVolume } from './rpc/remote-objects.ts';
import { volumeDefinition, type NewVolume } from './volume-definition.ts';
import { buildXml, serializeXml, xml } from './xml-document.ts';

/** virStoragePoolCreateFlags: make the directory when it is not there. */
const CREATE_WITH_BUILD = 1;

/** virStorageVolInfoFlags. */
const GET_PHYSICAL = 1;
/** virStorageVolUploadFlags and virStorageVolDownloadFlags: holes are told, not sent. */
const SPARSE_STREAM = 1;

/** Together 5 s: a file is made in milliseconds, but up to four at one time. */
const REFRESH_ATTEMPTS_MAX = 500;
const REFRESH_PAUSE_MS = 10;

/** The disk as a guest sees it, what it takes on the host with its holes left out, and the length of the file. */
export type VolumeSize = {
  readonly capacityBytes: number;
  readonly allocatedBytes: number;
  readonly fileBytes: number;
};

/**
 * One server's directory on one host, as a libvirt storage pool of its own: files travel without ssh and without an
 * agent. The pool is transient; the directory is what lasts.
 */
export class InstanceDirectory {
  readonly path: string;
  readonly #connections: LibvirtConnections;
  readonly #poolName: string;

  constructor(connections: LibvirtConnections, { instancesPath }: LibvirtHostOptions, instanceId: InstanceId) {
    this.#connections = connections;
    this.#poolName = `lifeboat-${instanceId}`;
    this.path = `${instancesPath}/${instanceId}`;
  }

  /** Null when the directory does not exist. A pool that is there is made to look at the directory anew. */
  async find(): Promise<Outcome<RemoteStoragePool | null>> {
    const found = await this.#connections.call(STORAGE_POOL_LOOKUP_BY_NAME, { name: this.#poolName });
    if (found.outcome === 'succeeded') {
      const refreshed = await this.#refresh(found.value);
      if (refreshed.outcome === 'succeeded') return found;
      // A pool whose directory went behind libvirt's back ends here, and what now stands in its place is looked at.
      if (!isNoSuchFile(refreshed)) return outcomeOf({ ...refreshed }, `refreshing the storage pool of ${this.path}`);
    } else if (!isServerError(found, 'VIR_ERR_NO_STORAGE_POOL')) return outcomeOf(found, `looking for ${this.path}`);
    // Without the build flag libvirt opens the directory and refuses when there is none.
    const opened = await this.#connections.call(STORAGE_POOL_CREATE_XML, { xml: this.#poolXml(), flags: 0 });
    if (opened.outcome === 'succeeded') return opened;
    return isNoSuchFile(opened) ? succeeded(null) : outcomeOf(opened, `opening ${this.path}`);
  }

  /** The pool as libvirt last saw it, which is enough to make files in it; null when libvirt has none. */
  async pool(): Promise<Outcome<RemoteStoragePool | null>> {
    const found = await this.#connections.call(STORAGE_POOL_LOOKUP_BY_NAME, { name: this.#poolName });
    return found.outcome === 'succeeded' ? found : this.find();
  }

  /** While a file is being made libvirt refuses to look at the pool, with no error code of its own: it is asked again. */
  async #refresh(pool: RemoteStoragePool): Promise<CallResult<null>> {
    for (let attempt = 1; ; attempt += 1) {
      const refreshed = await this.#connections.call(STORAGE_POOL_REFRESH, { pool, flags: 0 });
      if (attempt === REFRESH_ATTEMPTS_MAX || !isServerError(refreshed, 'VIR_ERR_INTERNAL_ERROR')) return refreshed;
      await delay(REFRESH_PAUSE_MS);
    }
  }

  /** Makes the directory unless it is there. */
  async ensure(): Promise<Outcome<RemoteStoragePool>> {
    const found = await this.find();
    if (found.outcome !== 'succeeded') return found;
    if (found.value !== null) return succeeded(found.value);
    const args = { xml: this.#poolXml(), flags: CREATE_WITH_BUILD };
    const created = await this.#connections.call(STORAGE_POOL_CREATE_XML, args);
    return outcomeOf(created, `making ${this.path}`);
  }

  /** Names of the files, without looking at the directory anew. */
  async files(pool: RemoteStoragePool): Promise<Outcome<readonly RemoteStorageVolume[]>> {
    const listed = await this.#connections.call(STORAGE_POOL_LIST_ALL_VOLUMES, { pool, flags: 0 });
    return outcomeOf(listed, `listing ${this.path}`);
  }

  async availableBytes(pool: RemoteStoragePool): Promise<Outcome<number>> {
    const info = await this.#connections.call(STORAGE_POOL_GET_INFO, { pool });
    return info.outcome === 'succeeded'
      ? succeeded(Number(info.value.available))
      : outcomeOf(info, `asking for the space left for ${this.path}`);
  }

  /** Null when there is no such file. */
  async volume(pool: RemoteStoragePool, name: string): Promise<Outcome<RemoteStorageVolume | null>> {
    const found = await this.#connections.call(STORAGE_VOL_LOOKUP_BY_NAME, { pool, name });
    if (isServerError(found, 'VIR_ERR_NO_STORAGE_VOL')) return succeeded(null);
    return outcomeOf(found, `looking for ${this.path}/${name}`);
  }

  /** Sparse; replaces a file of that name. */
  async create(pool: RemoteStoragePool, volume: NewVolume): Promise<Outcome<RemoteStorageVolume>> {
    const removed = await this.removeFile(pool, volume.name);
    if (removed.outcome !== 'succeeded') return removed;
    const args = { pool, xml: volumeDefinition(volume), flags: 0 };
    const created = await this.#connections.call(STORAGE_VOL_CREATE_XML, args);
    return outcomeOf(created, `creating ${this.path}/${volume.name}`);
  }

  /** Succeeds when the file was not there. */
  async removeFile(pool: RemoteStoragePool, name: string): Promise<Outcome<null>> {
    const volume = await this.volume(pool, name);
    if (volume.outcome !== 'succeeded') return volume;
    if (volume.value === null) return succeeded(null);
    const removed = await this.#connections.call(STORAGE_VOL_DELETE, { volume: volume.value, flags: 0 });
    return isServerError(removed, 'VIR_ERR_NO_STORAGE_VOL')
      ? succeeded(null)
      : outcomeOf(removed, `removing ${this.path}/${name}`);
  }

  /** Virtual size of a disk in any format that libvirt can probe; call `find` first when the content has changed. */
  async capacityBytes(pool: RemoteStoragePool, name: string): Promise<Outcome<number>> {
    const volume = await this.#existing(pool, name);
    if (volume.outcome !== 'succeeded') return volume;
    const measured = await this.measure(volume.value);
    return measured.outcome === 'succeeded' ? succeeded(measured.value.capacityBytes) : measured;
  }

  async measure(volume: RemoteStorageVolume): Promise<Outcome<VolumeSize>> {
    const info = await this.#connections.call(STORAGE_VOL_GET_INFO, { volume });
    if (info.outcome !== 'succeeded') return outcomeOf(info, `measuring ${volume.key}`);
    const file = await this.#connections.call(STORAGE_VOL_GET_INFO_FLAGS, { volume, flags: GET_PHYSICAL });
    if (file.outcome !== 'succeeded') return outcomeOf(file, `measuring ${volume.key}`);
    const { capacity, allocation } = info.value;
    const sizes = { capacityBytes: Number(capacity), allocatedBytes: Number(allocation) };
    return succeeded({ ...sizes, fileBytes: Number(file.value.allocation) });
  }

  async grow(pool: RemoteStoragePool, name: string, capacityBytes: number): Promise<Outcome<null>> {
    const volume = await this.#existing(pool, name);
    if (volume.outcome !== 'succeeded') return volume;
    const args = { volume: volume.value, capacity: BigInt(capacityBytes), flags: 0 };
    return outcomeOf(await this.#connections.call(STORAGE_VOL_RESIZE, args), `growing ${this.path}/${name}`);
  }

  async #existing(pool: RemoteStoragePool, name: string): Promise<Outcome<RemoteStorageVolume>> {
    const volume = await this.volume(pool, name);
    if (volume.outcome !== 'succeeded') return volume;
    return volume.value === null ? failed(`${this.path}/${name} does not exist`) : succeeded(volume.value);
  }

  /** Into a file that has just been made. Fails unless `bytes` yields exactly `sizeBytes`. The file is of full size whatever happens: read it back. */
  async upload(
    volume: RemoteStorageVolume,
    sizeBytes: number,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<Outcome<null>> {
    const connected = await this.#connections.shared('transfer');
    if (connected.outcome !== 'succeeded') return outcomeOf(connected, `writing ${volume.key}`);
    const args = { volume, offset: 0n, length: BigInt(sizeBytes), flags: SPARSE_STREAM };
    const options = { deadlineMs: TRANSFER_DEADLINE_MS, sparse: true };
    const sent = await connected.value.upload(STORAGE_VOL_UPLOAD, args, exactBytes(sizeBytes, bytes), options);
    return sent.outcome === 'succeeded' ? succeeded(null) : outcomeOf(sent, `writing ${volume.key}`);
  }

  /** Holes are not transferred, and read as zeros. The iteration throws when the transfer breaks off. */
  async download(volume: RemoteStorageVolume): Promise<Outcome<AsyncIterable<Uint8Array>>> {
    const connected = await this.#connections.shared('transfer');
    if (connected.outcome !== 'succeeded') return outcomeOf(connected, `reading ${volume.key}`);
    const args = { volume, offset: 0n, length: 0n, flags: SPARSE_STREAM };
    return succeeded(connected.value.download(STORAGE_VOL_DOWNLOAD, args, { deadlineMs: TRANSFER_DEADLINE_MS }));
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
