import type { DiskToCopy, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import type { CopiedFile } from '../../domain/migration/rescue-artifacts.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { allOf, failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { definitionFacts, type FileDisk } from './domain-disks.ts';
import { FILES } from './guest-definition.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { isMarker } from './migration-marker.ts';
import { namedIn } from './named-paths.ts';
import type { RemoteStoragePool, RemoteStorageVolume } from './rpc/remote-objects.ts';

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
  const files = allOf(
    await Promise.all(others.map((volume) => fileOf(directory, volume, named.has(`${directory.path}/${volume.name}`)))),
  );
  if (files.outcome !== 'succeeded') return files;
  const pooledDisks = all.filter(isPooled).map(({ path }) => path);
  return succeeded({ disks: disks.value, files: files.value, pooledDisks });
}

/** The destination's guest writes one of its own; a full one is put aside by virtlogd under a number. */
const isConsoleLog = (name: string): boolean => name === FILES.console || name.startsWith(`${FILES.console}.`);

async function fileOf(
  directory: InstanceDirectory,
  volume: RemoteStorageVolume,
  inUse: boolean,
): Promise<Outcome<CopiedFile>> {
  const size = await directory.measure(volume);
  if (size.outcome !== 'succeeded') return size;
  const { fileBytes: sizeBytes, allocatedBytes } = size.value;
  return succeeded({ name: volume.name, sizeBytes, allocatedBytes, inUse });
}

async function disksToCopy(
  directory: InstanceDirectory,
  pool: RemoteStoragePool,
  disks: readonly FileDisk[],
): Promise<Outcome<readonly DiskToCopy[]>> {
  const found = allOf(await Promise.all(disks.map((disk) => diskToCopy(directory, pool, disk))));
  return found.outcome === 'succeeded' ? succeeded(found.value.filter((disk) => disk !== null)) : found;
}

/** Null: nobody writes to it, so it travels as it is. */
async function diskToCopy(
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
  return succeeded({ fileName, targetDevice, format, capacityBytes: capacity.value });
}
