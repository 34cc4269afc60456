import type { MigrationProgress } from '../../application/ports/hypervisor-driver.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { DOMAIN_GET_JOB_STATS } from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';
import type { TypedParameter } from './rpc/typed-parameter.ts';

const PROGRESS_CALL_DEADLINE_MS = 5000;

/** The running job's byte counters; null when libvirt does not tell them in time. */
export async function migrationProgress(host: LibvirtHost, domain: RemoteDomain): Promise<MigrationProgress | null> {
  const stats = await host.connections.call(DOMAIN_GET_JOB_STATS, { domain, flags: 0 }, PROGRESS_CALL_DEADLINE_MS);
  return stats.outcome === 'succeeded' ? progressOf(stats.value.params) : null;
}

function progressOf(parameters: readonly TypedParameter[]): MigrationProgress {
  const bytes = (field: string): number => {
    const found = parameters.find((parameter) => parameter.field === field);
    return typeof found?.value === 'bigint' ? Number(found.value) : 0;
  };
  return {
    memoryTotalBytes: bytes('memory_total'),
    memoryProcessedBytes: bytes('memory_processed'),
    memoryRemainingBytes: bytes('memory_remaining'),
    diskTotalBytes: bytes('disk_total'),
    diskProcessedBytes: bytes('disk_processed'),
    diskRemainingBytes: bytes('disk_remaining'),
  };
}
