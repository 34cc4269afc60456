import type { CachedImageFile, DiskToCopy, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import type { CopiedFile } from '../../domain/migration/rescue-artifacts.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { allOf, failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { cachedNameOf } from './cached-image.ts';
import { definitionFacts, type FileDisk } from './domain-disks.ts';
import { FILES } from './guest-definition.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { isMarker } from './migration-marker.ts';
import { namedIn } from './named-paths.ts';
import type { RemoteStoragePool, RemoteStorageVolume } from './rpc/remote-objects.ts';
import { volumeLayer } from './volume-layer.ts';

/**
 * What of a server's directory libvirt's block copy takes along (every disk that the running guest may write to), and
 * what has to be copied as it is: all the rest, named by the running definition or not. In legacy rescue that is every
 * disk but the rescue disk and the root; a read-only disk always (nova.md D.3-7).
 */
export async function directoryContent(
  host: LibvirtHost,
  instanceId: InstanceId,
  definition: string,
): Promise<Outcome<Pick<SourceFacts, 'disks' | 'files' | 'pooledDisks'>>> {
  const directory = host.directory(instanceId);
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded') return pool;
  if (pool.value === null) return failed(`${directory.path} does not exist`);
  const isPooled = ({ path }: FileDisk): boolean => host.diskPool()?.has(instanceId, path) === true;
  const all = definitionFacts(definition).disks;
  const [disks, volumes] = await Promise.all([
    disksToCopy(
      host,
      directory,
      pool.value,
      all.filter((disk) => !isPooled(disk)),
    ),
    directory.files(pool.value),
  ]);
  if (disks.outcome !== 'succeeded') return disks;
  if (volumes.outcome !== 'succeeded') return volumes;
  const blockCopied = new Set(disks.value.map(({ fileName }) => fileName));
  const others = volumes.value.filter(({ name }) => !blockCopied.has(name) && !isMarker(name) && !isConsoleLog(name));
  const named = namedIn(definition);
  const files = allOf(await Promise.all(others.map((volume) => fileOf(host, volume, { directory, named }))));
  if (files.outcome !== 'succeeded') return files;
  const pooledDisks = all.filter(isPooled).map(({ path }) => path);
  return succeeded({ disks: disks.value, files: files.value, pooledDisks });
}

/** The destination's guest writes one of its own; a full one is put aside by virtlogd under a number. */
const isConsoleLog = (name: string): boolean => name === FILES.console || name.startsWith(`${FILES.console}.`);

/** The layer of a disk alone is worth nothing, and names a file of this host. */
async function fileOf(
  { connections }: LibvirtHost,
  volume: RemoteStorageVolume,
  { directory, named }: { readonly directory: InstanceDirectory; readonly named: ReadonlySet<string> },
): Promise<Outcome<CopiedFile>> {
  const layer = await volumeLayer(connections, volume);
  if (layer.outcome !== 'succeeded') return layer;
  const { layeredOn } = layer.value;
  if (layeredOn !== null) return failed(`Migration pre-check error: ${volume.key} is layered on ${layeredOn}`);
  const inUse = named.has(`${directory.path}/${volume.name}`);
  const size = await directory.measure(volume);
  if (size.outcome !== 'succeeded') return size;
  const { fileBytes: sizeBytes, allocatedBytes } = size.value;
  return succeeded({ name: volume.name, sizeBytes, allocatedBytes, inUse });
}

async function disksToCopy(
  host: LibvirtHost,
  directory: InstanceDirectory,
  pool: RemoteStoragePool,
  disks: readonly FileDisk[],
): Promise<Outcome<readonly DiskToCopy[]>> {
  const found = allOf(await Promise.all(disks.map((disk) => diskToCopy(host, directory, pool, disk))));
  return found.outcome === 'succeeded' ? succeeded(found.value.filter((disk) => disk !== null)) : found;
}

/** Null: nobody writes to it, so it travels as it is. */
async function diskToCopy(
  host: LibvirtHost,
  directory: InstanceDirectory,
  pool: RemoteStoragePool,
  { path, targetDevice, format, readOnly }: FileDisk,
): Promise<Outcome<DiskToCopy | null>> {
  const fileName = path.slice(directory.path.length + 1);
  if (!path.startsWith(`${directory.path}/`) || fileName.includes('/')) {
    return failed(`Migration pre-check error: disk ${targetDevice} (${path}) is not one this version can move`);
  }
  if (readOnly) return succeeded(null);
  if (format !== 'raw' && format !== 'qcow2') return failed(`Migration pre-check error: ${path} is ${format}`);
  const capacity = await directory.capacityBytes(pool, fileName);
  if (capacity.outcome !== 'succeeded') return capacity;
  const disk: DiskToCopy = { fileName, targetDevice, format, capacityBytes: capacity.value };
  const image = await imageBelow(host, directory, pool, fileName);
  if (image.outcome !== 'succeeded') return image;
  return succeeded(image.value === null ? disk : { ...disk, cachedImage: image.value });
}

/** Null: the disk stands alone. */
async function imageBelow(
  { connections, imageCache }: LibvirtHost,
  directory: InstanceDirectory,
  pool: RemoteStoragePool,
  fileName: string,
): Promise<Outcome<CachedImageFile | null>> {
  const volume = await directory.volume(pool, fileName);
  if (volume.outcome !== 'succeeded') return volume;
  if (volume.value === null) return failed(`${directory.path}/${fileName} does not exist`);
  const layer = await volumeLayer(connections, volume.value);
  if (layer.outcome !== 'succeeded') return layer;
  const { layeredOn } = layer.value;
  if (layeredOn === null) return succeeded(null);
  const name = cachedNameOf(layeredOn);
  const file = name === null ? succeeded(null) : await imageCache.file(name);
  if (file.outcome !== 'succeeded') return file;
  if (name === null || file.value === null || file.value.key !== layeredOn) {
    const what = `${fileName} is layered on ${layeredOn}, which is no whole image of ${imageCache.directory.path}`;
    return failed(`Migration pre-check error: ${what}`);
  }
  const size = await directory.measure(file.value);
  return size.outcome === 'succeeded' ? succeeded({ name, sizeBytes: size.value.fileBytes }) : size;
}
