import type { PermittedDowntime } from './live-migration-settings.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { DOMAIN_MIGRATE_SET_MAX_DOWNTIME } from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

const GIB_MIN = 2;
const SECOND_MS = 1000;
/** A longer timer would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export type DowntimeStep = { readonly afterMs: number; readonly downtimeMs: number };

/**
 * How long a guest may stand still, growing with the time its copy takes: a guest that is quiet is handed over within
 * some 50 ms, one that writes a lot gets more. QEMU's own 300 ms would be used up even where far less is enough.
 * The curve is Nova's (nova/virt/libvirt/migration.py, downtime_steps).
 */
export function downtimeSteps(
  { maxMs, steps, delaySecondsPerGiB }: PermittedDowntime,
  gibToCopy: number,
): readonly DowntimeStep[] {
  const offset = maxMs / (steps + 1);
  const base = (maxMs - offset) ** (1 / steps);
  const delayMs = delaySecondsPerGiB * Math.max(GIB_MIN, gibToCopy) * SECOND_MS;
  return Array.from({ length: steps + 1 }, (_, step) => ({
    afterMs: Math.round(delayMs * step),
    downtimeMs: Math.floor(offset + base ** step),
  }));
}

/** Sets the first step before it resolves, and the later ones until the returned function is called. */
export async function permitDowntime(
  host: LibvirtHost,
  domain: RemoteDomain,
  steps: readonly DowntimeStep[],
): Promise<() => void> {
  const [first, ...later] = steps;
  // Best effort: without it QEMU's own limit holds, and the migration is no less safe.
  const set = ({ downtimeMs }: DowntimeStep): Promise<unknown> =>
    host.connections.call(DOMAIN_MIGRATE_SET_MAX_DOWNTIME, { domain, downtimeMs: BigInt(downtimeMs), flags: 0 });
  if (first !== undefined) await set(first);
  const timers = later
    .filter(({ afterMs }) => afterMs <= TIMER_MS_MAX)
    .map((step) => setTimeout(() => void set(step), step.afterMs));
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
