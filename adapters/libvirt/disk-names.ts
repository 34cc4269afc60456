import { attribute, find, type Element } from './xml-document.ts';

/** Where a disk lies on the host; null for one that is neither a file nor a block device. */
export function hostPathOf(disk: Element): string | null {
  const type = attribute(disk, 'type');
  if (type !== 'file' && type !== 'block') return null;
  return attribute(find(disk, 'source'), type === 'file' ? 'file' : 'dev');
}

/** What a server's disk is called in a storage pool that it shares with other servers' disks; as Nova names LVM volumes. */
export function pooledName(instanceId: string, fileName: string): string {
  return `${instanceId}_${fileName}`;
}

/**
 * The name of a server's disk as it would have in the server's directory (`disk`, `disk.rescue`), whether it lies there
 * or in a storage pool; null for what is none of the server's.
 */
export function diskNameOf(path: string, instanceId: string): string | null {
  const parent = path.lastIndexOf('/');
  const name = path.slice(parent + 1);
  if (path.slice(0, Math.max(parent, 0)).endsWith(`/${instanceId}`)) return name;
  const prefix = pooledName(instanceId, '');
  return name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : null;
}
