import { setTimeout as delay } from 'node:timers/promises';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { isServerError, outcomeOf } from './call-outcome.ts';
import { exactBytes } from './exact-bytes.ts';
import type { CallResult } from './rpc/call-result.ts';
import type { LibvirtConnections } from './libvirt-connections.ts';
import { TRANSFER_DEADLINE_MS } from './libvirt-host-options.ts';
import type { RemoteStoragePool, RemoteStorageVolume } from './rpc/remote-objects.ts';
import {
  STORAGE_POOL_GET_INFO,
  STORAGE_POOL_LIST_ALL_VOLUMES,
  STORAGE_POOL_REFRESH,
  STORAGE_VOL_CREATE_XML,
  STORAGE_VOL_CREATE_XML_FROM,
  STORAGE_VOL_DELETE,
  STORAGE_VOL_DOWNLOAD,
  STORAGE_VOL_GET_INFO,
  STORAGE_VOL_GET_INFO_FLAGS,
  STORAGE_VOL_LOOKUP_BY_NAME,
  STORAGE_VOL_RESIZE,
  STORAGE_VOL_UPLOAD,
} from './rpc/storage-procedures.ts';
import { volumeDefinition, type NewVolume } from './volume-definition.ts';

/** virStorageVolInfoFlags. */
const GET_PHYSICAL = 1;
/** virStorageVolUploadFlags and virStorageVolDownloadFlags: holes are told, not sent. */
const SPARSE_STREAM = 1;

/** A file is made in milliseconds, but up to four at one time. */
const REFRESH_PATIENCE_MS = 5000;
const REFRESH_PAUSE_MS = 10;

/** The disk as a guest sees it, what it takes on the host with its holes left out, and the length of the file. */
export type VolumeSize = {
  readonly capacityBytes: number;
  readonly allocatedBytes: number;
  readonly fileBytes: number;
};

/** What a storage pool of a host holds, by libvirt's RPC. `path` is the pool's own and stands in every message. */
export class PoolVolumes {
  readonly path: string;
  readonly #connections: LibvirtConnections;

  constructor(connections: LibvirtConnections, path: string) {
    this.#connections = connections;
    this.path = path;
  }

  /** While a file is being made libvirt refuses to look at the pool, with no error code of its own: it is asked again. */
  async refresh(pool: RemoteStoragePool, patienceMs = REFRESH_PATIENCE_MS): Promise<CallResult<null>> {
    for (let waitedMs = 0; ; waitedMs += REFRESH_PAUSE_MS) {
      const refreshed = await this.#connections.call(STORAGE_POOL_REFRESH, { pool, flags: 0 });
      if (waitedMs >= patienceMs || !isServerError(refreshed, 'VIR_ERR_INTERNAL_ERROR')) return refreshed;
      await delay(REFRESH_PAUSE_MS);
    }
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

  /** With the content of another volume, without what may lie behind that one; replaces a file of that name. */
  async copyFrom(
    pool: RemoteStoragePool,
    volume: NewVolume,
    source: RemoteStorageVolume,
  ): Promise<Outcome<RemoteStorageVolume>> {
    const removed = await this.removeFile(pool, volume.name);
    if (removed.outcome !== 'succeeded') return removed;
    const doing = `making ${this.path}/${volume.name}`;
    const connected = await this.#connections.shared('transfer');
    if (connected.outcome !== 'succeeded') return outcomeOf(connected, doing);
    const args = { pool, xml: volumeDefinition(volume), source, flags: 0 };
    const options = { deadlineMs: TRANSFER_DEADLINE_MS };
    return outcomeOf(await connected.value.call(STORAGE_VOL_CREATE_XML_FROM, args, options), doing);
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
}
