import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { isCachedName } from './cached-image.ts';
import { ImageCacheLock, lockedName } from './image-cache-lock.ts';
import { sourceOf, verifiedMark, type ImageCache } from './image-cache.ts';
import { imagesInUse } from './images-in-use.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import type { RemoteStoragePool } from './rpc/remote-objects.ts';

/** Twice as long as the one transfer may take for which an image is kept: its keeper is dead. */
const LOCK_AGE_MAX_MS = 7_200_000;

/** Since when this process has found it so in every look, in milliseconds; by file name. */
export type CacheMemory = { readonly unused: Map<string, number>; readonly locked: Map<string, number> };

export const emptyMemory = (): CacheMemory => ({ unused: new Map(), locked: new Map() });

/**
 * One look at a host's image cache: removes what no disk was layered on in any look since `removeUnusedAfterMs`, and
 * answers the names. Whatever cannot be read may be in use: then nothing is removed. An image is locked and all disks
 * are looked at once more before it goes, so that none is layered on it meanwhile.
 */
export async function clearImageCache(
  { imageCache, connections, options }: LibvirtHost,
  memory: CacheMemory,
  nowMs: number,
): Promise<Outcome<readonly string[]>> {
  const ageMs = imageCache.options?.removeUnusedAfterMs ?? null;
  if (ageMs === null) return succeeded([]);
  const { directory } = imageCache;
  const found = await directory.find();
  if (found.outcome !== 'succeeded') return found;
  if (found.value === null) return succeeded([]);
  const pool = found.value;
  const files = await directory.files(pool);
  if (files.outcome !== 'succeeded') return files;
  const names = files.value.map(({ name }) => name);
  const stale = since(
    memory.locked,
    names.filter((name) => lockedName(name) !== null),
    nowMs,
    LOCK_AGE_MAX_MS,
  );
  for (const name of stale) {
    const freed = await directory.removeFile(pool, name);
    if (freed.outcome !== 'succeeded') return freed;
  }
  const used = await imagesInUse(connections, options);
  if (used.outcome !== 'succeeded') return used;
  const unused = names.filter((name) => isCachedName(name) && !used.value.has(name));
  const removed: string[] = [];
  for (const name of since(memory.unused, unused, nowMs, ageMs)) {
    const gone = await removeUnused({ imageCache, pool }, name, () => imagesInUse(connections, options));
    if (gone.outcome !== 'succeeded') return gone;
    if (gone.value) removed.push(name);
  }
  return succeeded(removed);
}

/** Those of the names that have been told in every call for so long. */
function since(memory: Map<string, number>, names: readonly string[], nowMs: number, ageMs: number): readonly string[] {
  for (const known of memory.keys()) if (!names.includes(known)) memory.delete(known);
  for (const name of names) if (!memory.has(name)) memory.set(name, nowMs);
  return names.filter((name) => nowMs - (memory.get(name) ?? nowMs) >= ageMs);
}

/** False: somebody has it, or uses it by now. */
async function removeUnused(
  { imageCache, pool }: { readonly imageCache: ImageCache; readonly pool: RemoteStoragePool },
  name: string,
  look: () => Promise<Outcome<ReadonlySet<string>>>,
): Promise<Outcome<boolean>> {
  const { directory, connections } = imageCache;
  const lock = new ImageCacheLock(connections, directory, name);
  const taken = await lock.take(pool, 0);
  if (taken.outcome !== 'succeeded' || !taken.value) return taken;
  const used = await look();
  const isUnused = used.outcome === 'succeeded' && !used.value.has(name);
  // The mark first: a crash in between leaves what nobody takes for whole.
  for (const file of isUnused ? [verifiedMark(name), name, sourceOf(name)] : []) {
    const removed = await directory.removeFile(pool, file);
    if (removed.outcome !== 'succeeded') return removed;
  }
  const given = await lock.give(pool);
  if (given.outcome !== 'succeeded') return given;
  return used.outcome === 'succeeded' ? succeeded(isUnused) : used;
}
