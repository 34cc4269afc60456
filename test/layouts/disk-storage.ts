import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LibvirtLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { createPool } from '../lab/storage-pool.ts';
import { VolumeGroup } from '../lab/volume-group.ts';
import type { LayoutRow } from './layout-matrix.ts';

/** Where servers' disks lie that are not in their directories; the same for both hosts. */
export type DiskStorage = { readonly path: string; readonly remove: () => void };

/** Null: they are in their directories. */
export async function diskStorage(
  { lab }: LibvirtLab,
  { storage }: LayoutRow,
  index: number,
): Promise<DiskStorage | null> {
  if (storage === 'volume-group') return VolumeGroup.on(lab, String(index));
  if (storage !== 'shared-disks') return null;
  const path = join(lab.directory, `disks-${index}`);
  mkdirSync(path);
  for (const host of lab.hosts) await createPool(host, { type: 'dir', name: `disks-${index}`, source: '', path });
  return { path, remove: () => undefined };
}

/** A server's disks in the storage, by the names that they would have in its directory. */
export function pooledDisks(storage: DiskStorage | null, serverId: string): ReadonlyMap<string, string> {
  if (storage === null || !existsSync(storage.path)) return new Map();
  const names = readdirSync(storage.path).filter((name) => name.startsWith(`${serverId}_`));
  return new Map(names.toSorted().map((name) => [name.slice(serverId.length + 1), join(storage.path, name)]));
}
