import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { askMonitor, DONE } from './qemu-monitor.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

/** How libvirt calls what it connects a disk's copy with; the upper one goes first, for it holds the lower one. */
const NODE_KINDS = [/^migration-.+-format$/, /^migration-.+-storage$/] as const;
/** A job that libvirtd has just cancelled ends within milliseconds. */
const PATIENCE_MS = 3000;
const LOOK_INTERVAL_MS = 50;
const namedNodes = z.object({ return: z.array(z.object({ 'node-name': z.string().optional() })) });
const jobs = z.object({ return: z.array(z.unknown()) });

/**
 * Takes away what a copy of disks has left in the source's emulator. A libvirtd that was killed during the copy cancels
 * it when it is back, but forgets these (libvirt 9.0); every later migration of that guest would then fail with
 * "Duplicate nodes" until it is powered off. Fails when a block job does not end within `patienceMs`.
 */
export async function removeCopyNodes(
  host: LibvirtHost,
  domain: RemoteDomain,
  patienceMs: number = PATIENCE_MS,
): Promise<Outcome<null>> {
  const ended = await jobsEnded(host, domain, patienceMs);
  if (ended.outcome !== 'succeeded') return ended;
  const query = { execute: 'query-named-block-nodes', arguments: { flat: true } };
  const listed = await askMonitor(host, domain, query, namedNodes);
  if (listed.outcome !== 'succeeded') return listed;
  const names = listed.value.return.flatMap((node) => node['node-name'] ?? []);
  for (const kind of NODE_KINDS) {
    for (const name of names.filter((one) => kind.test(one))) {
      const command = { execute: 'blockdev-del', arguments: { 'node-name': name } };
      const removed = await askMonitor(host, domain, command, DONE);
      if (removed.outcome !== 'succeeded') return removed;
    }
  }
  return succeeded(null);
}

async function jobsEnded(host: LibvirtHost, domain: RemoteDomain, patienceMs: number): Promise<Outcome<null>> {
  for (const endsAt = performance.now() + patienceMs; ; await delay(LOOK_INTERVAL_MS)) {
    const running = await askMonitor(host, domain, { execute: 'query-block-jobs' }, jobs);
    if (running.outcome !== 'succeeded') return running;
    if (running.value.return.length === 0) return succeeded(null);
    if (performance.now() > endsAt) return failed(`${domain.name} has a block job, whose nodes are in use`);
  }
}

/** libvirt's words for a copy that cannot begin because an earlier one has left its nodes. */
export function saysNodesAreLeft(reason: string): boolean {
  return /Duplicate nodes with node-name='migration-/.test(reason);
}
