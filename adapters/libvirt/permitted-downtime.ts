import type { LibvirtHost } from './libvirt-host.ts';
import { DOMAIN_MIGRATE_SET_MAX_DOWNTIME } from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

/** Nova's live_migration_downtime, live_migration_downtime_steps and live_migration_downtime_delay. */
export const DOWNTIME_MAX_MS = 500;
const STEPS = 10;
const DELAY_SECONDS_PER_GIB = 75;
const GIB_MIN = 2;
const SECOND_MS = 1000;

export type DowntimeStep = { readonly afterMs: number; readonly downtimeMs: number };

/**
 * How long a guest may stand still, growing with the time its copy takes: a guest that is quiet is handed over within
 * some 50 ms, one that writes a lot gets more. QEMU's own 300 ms would be used up even where far less is enough.
 * The curve is Nova's (nova/virt/libvirt/migration.py, downtime_steps).
 */
export function downtimeSteps(gibToCopy: number): readonly DowntimeStep[] {
  const offset = DOWNTIME_MAX_MS / (STEPS + 1);
  const base = (DOWNTIME_MAX_MS - offset) ** (1 / STEPS);
  const delayMs = DELAY_SECONDS_PER_GIB * Math.max(GIB_MIN, gibToCopy) * SECOND_MS;
  return Array.from({ length: STEPS + 1 }, (_, step) => ({
    afterMs: Math.round(delayMs * step),
    downtimeMs: Math.floor(offset + base ** step),
  }));
}

/** Sets the first step before it resolves, and the later ones until the returned function is called. */
export async function permitDowntime(host: LibvirtHost, domain: RemoteDomain, gibToCopy: number): Promise<() => void> {
  const [first, ...later] = downtimeSteps(gibToCopy);
  // Best effort: without it QEMU's own limit holds, and the migration is no less safe.
  const set = ({ downtimeMs }: DowntimeStep): Promise<unknown> =>
    host.connections.call(DOMAIN_MIGRATE_SET_MAX_DOWNTIME, { domain, downtimeMs: BigInt(downtimeMs), flags: 0 });
  if (first !== undefined) await set(first);
  const timers = later.map((step) => setTimeout(() => void set(step), step.afterMs));
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
