import type { InstanceId } from '../../domain/shared/ids.ts';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { diskNameOf } from './disk-names.ts';
import { definitionFacts } from './domain-disks.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { withPooledDisks, type PooledDisk } from './pooled-disks-definition.ts';

/**
 * Moves disks that a definition has in the server's directory into the host's storage pool, and gives the definition that
 * has them there; as it is where the host has no pool. No guest may use them yet. Disks that no guest writes to stay in
 * the directory, and travel with it.
 */
export async function poolDisks(
  host: LibvirtHost,
  instanceId: InstanceId,
  definition: string,
  fileNames: readonly string[],
): Promise<Outcome<string>> {
  const diskPool = host.diskPool();
  if (diskPool === null) return succeeded(definition);
  const directory = host.directory(instanceId);
  const writable = definitionFacts(definition).disks.filter(({ readOnly }) => !readOnly);
  const names = writable.flatMap(({ path }) => diskNameOf(path, instanceId) ?? []);
  const opened = await diskPool.open();
  if (opened.outcome !== 'succeeded') return opened;
  const pooled: PooledDisk[] = [];
  for (const name of names.filter((candidate) => fileNames.includes(candidate))) {
    const taken = await diskPool.take(opened.value, instanceId, directory, name);
    if (taken.outcome !== 'succeeded') return taken;
    pooled.push(taken.value);
  }
  return succeeded(withPooledDisks(definition, pooled));
}

/** Takes a server's disks out of the host's storage pool; succeeds where there is none. */
export async function removePooledDisks(
  host: LibvirtHost,
  instanceId: InstanceId,
  isMeant?: (fileName: string) => boolean,
): Promise<Outcome<null>> {
  return (await host.diskPool()?.remove(instanceId, isMeant)) ?? succeeded(null);
}
