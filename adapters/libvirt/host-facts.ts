import type { HostFacts } from '../../application/ports/hypervisor-driver.ts';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { isServerError, outcomeOf } from './call-outcome.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import type { CallResult } from './rpc/call-result.ts';
import { CONNECT_GET_HOSTNAME, CONNECT_GET_VERSION, NODE_GET_FREE_MEMORY, NODE_GET_INFO } from './rpc/procedures.ts';
import {
  STORAGE_POOL_CREATE_XML,
  STORAGE_POOL_GET_INFO,
  STORAGE_POOL_LOOKUP_BY_NAME,
} from './rpc/storage-procedures.ts';
import type { RemoteStoragePool } from './rpc/remote-objects.ts';
import { buildXml, serializeXml, xml } from './xml-document.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const INSTANCES_POOL = 'lifeboat-instances';
const CREATE_WITH_BUILD = 1;

/** What a host is and has, from libvirt itself. */
export async function hostFacts(host: LibvirtHost): Promise<Outcome<HostFacts>> {
  const { connections, options } = host;
  const [name, version, node, freeMemory, space] = await Promise.all([
    connections.call(CONNECT_GET_HOSTNAME, null),
    connections.call(CONNECT_GET_VERSION, null),
    connections.call(NODE_GET_INFO, null),
    connections.call(NODE_GET_FREE_MEMORY, null),
    disksSpace(host),
  ]);
  const doing = `asking ${options.host} for its resources`;
  if (name.outcome !== 'succeeded') return outcomeOf(name, doing);
  if (version.outcome !== 'succeeded') return outcomeOf(version, doing);
  if (node.outcome !== 'succeeded') return outcomeOf(node, doing);
  if (freeMemory.outcome !== 'succeeded') return outcomeOf(freeMemory, doing);
  if (space.outcome !== 'succeeded') return space;
  return succeeded({
    hypervisorHostname: name.value,
    hypervisorType: 'QEMU',
    hypervisorVersion: Number(version.value),
    vcpus: node.value.cpus,
    memoryMiB: Math.floor(Number(node.value.memoryKib) / 1024),
    memoryFreeMiB: Math.floor(Number(freeMemory.value) / MIB),
    diskGiB: Math.floor(Number(space.value.capacity) / GIB),
    diskFreeGiB: Math.floor(Number(space.value.available) / GIB),
    hostIp: options.migrationAddress,
    uptime: 'not told by libvirt',
  });
}

type Space = { readonly capacity: bigint; readonly available: bigint };

/** Of where new disks go; of a storage pool as libvirt last looked at it, which is when a disk was made or removed. */
async function disksSpace(host: LibvirtHost): Promise<Outcome<Space>> {
  const doing = `asking ${host.options.host} for its disk space`;
  const pool = await host.diskPool()?.pool();
  if (pool === undefined) return outcomeOf<Space>(await instancesSpace(host), doing);
  if (pool.outcome !== 'succeeded') return pool;
  return outcomeOf<Space>(await host.connections.call(STORAGE_POOL_GET_INFO, { pool: pool.value }), doing);
}

/** The file system under the instances directory, which is made when it is not there. */
export async function instancesSpace(host: LibvirtHost): Promise<CallResult<Space>> {
  const pool = await instancesPool(host);
  return pool.outcome === 'succeeded' ? host.connections.call(STORAGE_POOL_GET_INFO, { pool: pool.value }) : pool;
}

async function instancesPool({ connections, options }: LibvirtHost): Promise<CallResult<RemoteStoragePool>> {
  const found = await connections.call(STORAGE_POOL_LOOKUP_BY_NAME, { name: INSTANCES_POOL });
  if (!isServerError(found, 'VIR_ERR_NO_STORAGE_POOL')) return found;
  const target = xml('target', {}, xml('path', {}, options.instancesPath));
  const definition = serializeXml(buildXml(xml('pool', { type: 'dir' }, xml('name', {}, INSTANCES_POOL), target)));
  const created = await connections.call(STORAGE_POOL_CREATE_XML, { xml: definition, flags: CREATE_WITH_BUILD });
  // Somebody else came first: then it is there now.
  return created.outcome === 'failed'
    ? orFound(await connections.call(STORAGE_POOL_LOOKUP_BY_NAME, { name: INSTANCES_POOL }), created)
    : created;
}

function orFound(
  found: CallResult<RemoteStoragePool>,
  created: CallResult<RemoteStoragePool>,
): CallResult<RemoteStoragePool> {
  return found.outcome === 'succeeded' ? found : created;
}
