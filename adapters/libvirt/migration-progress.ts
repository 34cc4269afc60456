import type { MigrationProgress } from '../../application/ports/hypervisor-driver.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { DOMAIN_GET_JOB_STATS } from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';
import type { TypedParameter } from './rpc/typed-parameter.ts';

/** How often the job is asked; each question costs libvirt a command to the guest's monitor. */
export const PROGRESS_INTERVAL_MS = 250;
const PROGRESS_CALL_DEADLINE_MS = 5000;

/** Reports the running job's byte counters until the returned function is called. */
export function watchProgress(
  host: LibvirtHost,
  domain: RemoteDomain,
  progressed: (progress: MigrationProgress) => void,
): () => void {
  let asking = false;
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    void host.connections.call(DOMAIN_GET_JOB_STATS, { domain, flags: 0 }, PROGRESS_CALL_DEADLINE_MS).then((stats) => {
      asking = false;
      if (stats.outcome === 'succeeded') progressed(progressOf(stats.value.params));
    });
  }, PROGRESS_INTERVAL_MS);
  return () => clearInterval(timer);
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
