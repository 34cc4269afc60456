import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { askMonitor, DONE, EMULATOR_DEADLINE_MS } from './qemu-monitor.ts';
import { DOMAIN_GET_JOB_STATS } from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

/** `none`: nothing copies disks here. `alive`: bytes still go to the other side, which is then told as usual. */
export type CopyBreak = 'broken' | 'alive' | 'none';

/** A copy that moves no byte for so long is taken for one whose other side is gone; at 4 Mbit/s one chunk takes 2 s. */
const SILENT_MS = 2500;
const LOOK_INTERVAL_MS = 100;

/** How libvirt calls the connections over which it copies disks; a disk that lives on the network has another name. */
const COPY_NODE = /^migration-.+-storage$/;
const yankable = z.object({ return: z.array(z.object({ type: z.string(), 'node-name': z.string().optional() })) });

/**
 * Closes the source's connections to the disks at the destination if nothing passes through them any more. To be called
 * before the job is aborted: QEMU waits for the answers to what it has sent before it stops copying, with the guest
 * standing still as soon as its memory is copied too, and without the other side that lasts until TCP gives up. Closed
 * connections let the copy fail at once and the guest run on (docs/partition.md). Memory is left to libvirt, which
 * closes that connection itself; after the switch to post-copy there is nothing here to break.
 */
export async function breakSilentCopy(
  host: LibvirtHost,
  domain: RemoteDomain,
  silentMs: number = SILENT_MS,
): Promise<Outcome<CopyBreak>> {
  if (!host.options.mayUseMonitor) return failed(`${host.options.host}: monitor commands are switched off`);
  const silence = await silenceOf(host, domain, silentMs);
  if (silence.outcome !== 'succeeded') return silence;
  if (silence.value !== 'silent') return succeeded(silence.value);
  const listed = await askMonitor(host, domain, { execute: 'query-yank' }, yankable);
  if (listed.outcome !== 'succeeded') return listed;
  const instances = listed.value.return.filter(
    ({ type, 'node-name': node }) => type === 'block-node' && node !== undefined && COPY_NODE.test(node),
  );
  if (instances.length === 0) return succeeded('none');
  const broken = await askMonitor(host, domain, { execute: 'yank', arguments: { instances } }, DONE);
  return broken.outcome === 'succeeded' ? succeeded('broken') : broken;
}

async function silenceOf(
  host: LibvirtHost,
  domain: RemoteDomain,
  silentMs: number,
): Promise<Outcome<'silent' | 'alive' | 'none'>> {
  const before = await bytesCopied(host, domain);
  if (before.outcome !== 'succeeded') return before;
  if (before.value === null) return succeeded('none');
  const endsAt = performance.now() + silentMs;
  while (performance.now() < endsAt) {
    await delay(LOOK_INTERVAL_MS);
    const now = await bytesCopied(host, domain);
    if (now.outcome !== 'succeeded') return now;
    if (now.value === null) return succeeded('none');
    if (now.value !== before.value) return succeeded('alive');
  }
  return succeeded('silent');
}

/** Null when no job runs. */
async function bytesCopied(host: LibvirtHost, domain: RemoteDomain): Promise<Outcome<bigint | null>> {
  const args = { domain, flags: 0 };
  const stats = await host.connections.call(DOMAIN_GET_JOB_STATS, args, EMULATOR_DEADLINE_MS);
  if (stats.outcome !== 'succeeded') return outcomeOf<null>(stats, `asking how far the copy of ${domain.name} is`);
  const copied = stats.value.params.find(({ field }) => field === 'data_processed');
  return succeeded(typeof copied?.value === 'bigint' ? copied.value : null);
}
