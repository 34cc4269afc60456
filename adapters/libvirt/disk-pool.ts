import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { isServerError, outcomeOf } from './call-outcome.ts';
import { diskNameOf, pooledName } from './disk-names.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import type { LibvirtConnections } from './libvirt-connections.ts';
import type { LibvirtHostOptions } from './libvirt-host-options.ts';
import { PoolVolumes } from './pool-volumes.ts';
import type { DiskKind, PooledDisk } from './pooled-disks-definition.ts';
import type { RemoteStoragePool, RemoteStorageVolume } from './rpc/remote-objects.ts';
import { STORAGE_POOL_GET_XML_DESC, STORAGE_POOL_LOOKUP_BY_TARGET_PATH } from './rpc/storage-procedures.ts';
import { attribute, parseXml, rootOf } from './xml-document.ts';

/** The kinds of libvirt's pools in which volumes can be made under any name and lie at `<target path>/<name>`. */
const KIND_OF_POOL: ReadonlyMap<string, DiskKind> = new Map([
  ['dir', 'file'],
  ['fs', 'file'],
  ['netfs', 'file'],
  ['logical', 'block'],
]);

/** libvirt looks at no pool in which a disk is being made, which takes as long as writing an image of any size. */
const REFRESH_PATIENCE_MS = 600_000;

export type OpenedPool = { readonly pool: RemoteStoragePool; readonly kind: DiskKind };

/** The storage pool of a host that takes servers' disks: a volume group, or a directory that other hosts mount too. */
export class DiskPool extends PoolVolumes {
  readonly #connections: LibvirtConnections;
  readonly #host: string;

  constructor(connections: LibvirtConnections, { host }: LibvirtHostOptions, disksPath: string) {
    super(connections, disksPath);
    this.#connections = connections;
    this.#host = host;
  }

  /** By its path: whether a disk is one that a server has here. Asks nobody. */
  has(instanceId: InstanceId, path: string): boolean {
    const fileName = diskNameOf(path, instanceId);
    return fileName !== null && path === `${this.path}/${pooledName(instanceId, fileName)}`;
  }

  /** The pool as libvirt last saw it. It is the operator's to define and to start. */
  async pool(): Promise<Outcome<RemoteStoragePool>> {
    const found = await this.#connections.call(STORAGE_POOL_LOOKUP_BY_TARGET_PATH, { path: this.path });
    return isServerError(found, 'VIR_ERR_NO_STORAGE_POOL')
      ? failed(`${this.#host} has no active storage pool at ${this.path}`)
      : outcomeOf(found, `looking for the storage pool at ${this.path} on ${this.#host}`);
  }

  /** With what other hosts have made and removed in it. */
  async open(): Promise<Outcome<OpenedPool>> {
    const found = await this.pool();
    if (found.outcome !== 'succeeded') return found;
    const pool = found.value;
    const doing = `looking at the storage pool at ${this.path} on ${this.#host}`;
    const definition = await this.#connections.call(STORAGE_POOL_GET_XML_DESC, { pool, flags: 0 });
    if (definition.outcome !== 'succeeded') return outcomeOf(definition, doing);
    const type = attribute(rootOf(parseXml(definition.value)), 'type') ?? 'unknown';
    const kind = KIND_OF_POOL.get(type);
    if (kind === undefined) {
      const known = [...KIND_OF_POOL.keys()].join(', ');
      return failed(`the storage pool at ${this.path} on ${this.#host} is of type ${type}; expected one of ${known}`);
    }
    const refreshed = await this.refresh(pool, REFRESH_PATIENCE_MS);
    return refreshed.outcome === 'succeeded' ? succeeded({ pool, kind }) : outcomeOf({ ...refreshed }, doing);
  }

  /**
   * Moves a disk of the server's directory here, as raw bytes and every one of them written, so that nothing is left of
   * whoever had the blocks before. What the server had here under this name goes.
   */
  async take(
    { pool, kind }: OpenedPool,
    instanceId: InstanceId,
    directory: InstanceDirectory,
    fileName: string,
  ): Promise<Outcome<PooledDisk>> {
    const found = await directory.find();
    if (found.outcome !== 'succeeded') return found;
    if (found.value === null) return failed(`${directory.path} has disappeared`);
    const name = pooledName(instanceId, fileName);
    const source = await directory.volume(found.value, fileName);
    if (source.outcome !== 'succeeded') return source;
    if (source.value === null) return failed(`${directory.path}/${fileName} does not exist`);
    const wanted = await directory.measure(source.value);
    if (wanted.outcome !== 'succeeded') return wanted;
    const { capacityBytes } = wanted.value;
    const made = await this.#copy(pool, source.value, { name, capacityBytes, kind });
    if (made.outcome !== 'succeeded') return made;
    if (made.value > capacityBytes) {
      // A volume group gives whole extents: what is left of the last one has to be written too.
      const grown = await directory.grow(found.value, fileName, made.value);
      if (grown.outcome !== 'succeeded') return grown;
      const whole = await this.#copy(pool, source.value, { name, capacityBytes: made.value, kind });
      if (whole.outcome !== 'succeeded') return whole;
    }
    const removed = await directory.removeFile(found.value, fileName);
    if (removed.outcome !== 'succeeded') return removed;
    return succeeded({ madeAt: `${directory.path}/${fileName}`, path: `${this.path}/${name}`, kind });
  }

  /** Of one server; succeeds when there are none. */
  async remove(instanceId: InstanceId, isMeant: (fileName: string) => boolean = () => true): Promise<Outcome<null>> {
    const opened = await this.open();
    if (opened.outcome !== 'succeeded') return opened;
    const disks = await this.disks(opened.value, instanceId);
    if (disks.outcome !== 'succeeded') return disks;
    for (const { name } of disks.value.filter((disk) => isMeant(diskNameOf(disk.name, instanceId) ?? ''))) {
      const removed = await this.removeFile(opened.value.pool, name);
      if (removed.outcome !== 'succeeded') return removed;
    }
    return succeeded(null);
  }

  /** Of one server. */
  async disks({ pool }: OpenedPool, instanceId: InstanceId): Promise<Outcome<readonly RemoteStorageVolume[]>> {
    const volumes = await this.files(pool);
    if (volumes.outcome !== 'succeeded') return volumes;
    return succeeded(volumes.value.filter(({ name }) => diskNameOf(name, instanceId) !== null));
  }

  /** How large the copy is. */
  async #copy(
    pool: RemoteStoragePool,
    source: RemoteStorageVolume,
    { name, capacityBytes, kind }: { readonly name: string; readonly capacityBytes: number; readonly kind: DiskKind },
  ): Promise<Outcome<number>> {
    const volume = { name, format: 'raw', capacityBytes } as const;
    const made = await this.copyFrom(pool, kind === 'block' ? { ...volume, allocated: true } : volume, source);
    if (made.outcome !== 'succeeded') return made;
    const measured = await this.measure(made.value);
    return measured.outcome === 'succeeded' ? succeeded(measured.value.capacityBytes) : measured;
  }
}
