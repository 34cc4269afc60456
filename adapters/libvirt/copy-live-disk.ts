import type { Clock } from '../../application/ports/clock.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import type { FileDisk } from './domain-disks.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { TRANSFER_DEADLINE_MS } from './libvirt-host-options.ts';
import { DOMAIN_BLOCK_COPY, DOMAIN_BLOCK_JOB_ABORT, DOMAIN_GET_BLOCK_JOB_INFO } from './rpc/block-job-procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';
import { buildXml, serializeXml, xml } from './xml-document.ts';

/** virDomainBlockCopyFlags: the guest is defined for good, and its copy need not outlive this start of it. */
const TRANSIENT_JOB = 4;
const POLL_MS = 200;

type Live = { readonly host: LibvirtHost; readonly clock: Clock; readonly domain: RemoteDomain };

/**
 * Copies a disk that a guest is using, running or paused, to a file that must not be there yet. When both are the same
 * the copy is let go: it is the disk at that moment, whole, and the guest has not noticed.
 */
export async function copyLiveDisk(live: Live, disk: FileDisk, path: string): Promise<Outcome<null>> {
  const { host, domain } = live;
  const destination = serializeXml(
    buildXml(
      xml('disk', { type: 'file' }, xml('source', { file: path }), xml('driver', { name: 'qemu', type: disk.format })),
    ),
  );
  const args = { domain, disk: disk.targetDevice, destination, parameters: [], flags: TRANSIENT_JOB };
  const begun = await host.connections.call(DOMAIN_BLOCK_COPY, args);
  if (begun.outcome !== 'succeeded') return outcomeOf(begun, `copying ${disk.path}`);
  const same = await untilSame(live, disk);
  const ended = await endCopy(live, disk);
  return same.outcome === 'succeeded' ? ended : same;
}

/** Ends a copy that an attempt before has left; succeeds when there is none. */
export async function endCopy({ host, domain }: Live, { targetDevice, path }: FileDisk): Promise<Outcome<null>> {
  const question = { domain, disk: targetDevice, flags: 0 };
  const doing = `ending the copy of ${path}`;
  const info = await host.connections.call(DOMAIN_GET_BLOCK_JOB_INFO, question);
  if (info.outcome !== 'succeeded') return outcomeOf(info, doing);
  if (!info.value.found) return succeeded(null);
  return outcomeOf(await host.connections.call(DOMAIN_BLOCK_JOB_ABORT, question), doing);
}

async function untilSame({ host, clock, domain }: Live, { targetDevice, path }: FileDisk): Promise<Outcome<null>> {
  for (let waitedMs = 0; waitedMs < TRANSFER_DEADLINE_MS; waitedMs += POLL_MS) {
    const info = await host.connections.call(DOMAIN_GET_BLOCK_JOB_INFO, { domain, disk: targetDevice, flags: 0 });
    if (info.outcome !== 'succeeded') return outcomeOf(info, `copying ${path}`);
    const { found, current, end } = info.value;
    if (!found) return failed(`the copy of ${path} broke off; is there space left on ${host.options.host}?`);
    if (current === end) return succeeded(null);
    await clock.sleep(POLL_MS);
  }
  return failed(`the copy of ${path} was not whole after ${TRANSFER_DEADLINE_MS} ms: the guest writes too much`);
}
