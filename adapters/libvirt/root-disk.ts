import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { pooledName } from './disk-names.ts';
import { FILES } from './guest-definition.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import type { PoolVolumes } from './pool-volumes.ts';
import type { RemoteStoragePool } from './rpc/remote-objects.ts';

/** A volume of a pool that has just been looked at. */
export type RootDisk = { readonly volumes: PoolVolumes; readonly pool: RemoteStoragePool; readonly name: string };

/** Where a server's first disk lies: in the host's storage pool for disks, or in the server's own directory. */
export async function findRootDisk(host: LibvirtHost, instanceId: InstanceId): Promise<Outcome<RootDisk>> {
  const volumes = host.diskPool();
  const opened = volumes === null ? null : await volumes.open();
  if (volumes !== null && opened !== null) {
    if (opened.outcome !== 'succeeded') return opened;
    const { pool } = opened.value;
    const name = pooledName(instanceId, FILES.disk);
    const pooled = await volumes.volume(pool, name);
    if (pooled.outcome !== 'succeeded') return pooled;
    if (pooled.value !== null) return succeeded({ volumes, pool, name });
  }
  const directory = host.directory(instanceId);
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded') return pool;
  return pool.value === null
    ? failed(`${directory.path} has disappeared`)
    : succeeded({ volumes: directory, pool: pool.value, name: FILES.disk });
}
