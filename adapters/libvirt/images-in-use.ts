import { createHash } from 'node:crypto';
import { allOf, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { isServerError, outcomeOf } from './call-outcome.ts';
import { cachedNameOf, IMAGE_CACHE } from './cached-image.ts';
import { DirectoryPool } from './directory-pool.ts';
import type { LibvirtConnections } from './libvirt-connections.ts';
import type { LibvirtHostOptions } from './libvirt-host-options.ts';
import type { RemoteStorageVolume } from './rpc/remote-objects.ts';
import { STORAGE_POOL_LOOKUP_BY_TARGET_PATH, STORAGE_VOL_GET_INFO } from './rpc/storage-procedures.ts';
import { volumeLayer } from './volume-layer.ts';

/** virStorageVolType. */
const DIRECTORY = 2;
const SERVER_DIRECTORY = /\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

type LookInto<Value> = (volumes: readonly RemoteStorageVolume[]) => Promise<Outcome<readonly Value[]>>;

/**
 * The names of the images that disks below the host's instances directory are layered on, whoever made them and whether
 * libvirt knows a guest that has them: servers, rescue disks, guests that arrive, what a crash has left. Fails when one
 * of the directories cannot be read: what is not seen may be in use.
 */
export async function imagesInUse(
  connections: LibvirtConnections,
  { instancesPath }: Pick<LibvirtHostOptions, 'instancesPath'>,
): Promise<Outcome<ReadonlySet<string>>> {
  const directories = await within(connections, instancesPath, (entries) => directoriesOf(connections, entries));
  if (directories.outcome !== 'succeeded') return directories;
  const used = new Set<string>();
  for (const path of directories.value) {
    const names = await within(connections, path, (volumes) => layersOf(connections, volumes));
    if (names.outcome !== 'succeeded') return names;
    for (const name of names.value) used.add(name);
  }
  return succeeded(used);
}

async function directoriesOf(
  connections: LibvirtConnections,
  entries: readonly RemoteStorageVolume[],
): Promise<Outcome<readonly string[]>> {
  const paths: string[] = [];
  for (const entry of entries.filter(({ name }) => name !== IMAGE_CACHE)) {
    const info = await connections.call(STORAGE_VOL_GET_INFO, { volume: entry });
    // It has gone since.
    if (isServerError(info, 'VIR_ERR_NO_STORAGE_VOL')) continue;
    if (info.outcome !== 'succeeded') return outcomeOf(info, `looking at ${entry.key}`);
    if (info.value.type === DIRECTORY) paths.push(entry.key);
  }
  return succeeded(paths);
}

async function layersOf(
  connections: LibvirtConnections,
  volumes: readonly RemoteStorageVolume[],
): Promise<Outcome<readonly string[]>> {
  const layers = allOf(await Promise.all(volumes.map((volume) => volumeLayer(connections, volume))));
  if (layers.outcome !== 'succeeded') return layers;
  return succeeded(
    layers.value.flatMap(({ layeredOn }) => (layeredOn === null ? [] : (cachedNameOf(layeredOn) ?? []))),
  );
}

/**
 * With what stands in a directory at this moment; nothing where there is none. libvirt has no two pools of one directory:
 * the one that is there serves, a server's stays for whoever needs it next, and another one goes again at once.
 */
async function within<Value>(
  connections: LibvirtConnections,
  path: string,
  lookInto: LookInto<Value>,
): Promise<Outcome<readonly Value[]>> {
  const server = SERVER_DIRECTORY.exec(path)?.[1];
  const own = `look-${createHash('sha1').update(path).digest('hex').slice(0, 12)}`;
  const directory = new DirectoryPool(connections, path, `lifeboat-${server ?? own}`);
  const present = await connections.call(STORAGE_POOL_LOOKUP_BY_TARGET_PATH, { path });
  if (present.outcome === 'succeeded' && (await directory.refresh(present.value)).outcome === 'succeeded') {
    const volumes = await directory.files(present.value);
    return volumes.outcome === 'succeeded' ? lookInto(volumes.value) : volumes;
  }
  const opened = await directory.find();
  if (opened.outcome !== 'succeeded') return opened;
  if (opened.value === null) return succeeded([]);
  const volumes = await directory.files(opened.value);
  const found = volumes.outcome === 'succeeded' ? await lookInto(volumes.value) : volumes;
  const released = server === undefined ? await directory.release() : succeeded(null);
  return released.outcome === 'succeeded' ? found : released;
}
