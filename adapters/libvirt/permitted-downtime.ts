import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import type { LiveMigrationSettings, PermittedDowntime } from './live-migration-settings.ts';
import { DOMAIN_MIGRATE_SET_MAX_DOWNTIME } from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';
import { attribute, parseXml, rootOf } from './xml-document.ts';

const GIB_MIN = 2;
const SECOND_MS = 1000;
/** A longer timer would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Then QEMU looks for written pages only when its first pass has ended and the guest stands still. */
const ONE_PASS_DOWNTIME_MS = 0;

type DowntimeStep = { readonly afterMs: number; readonly downtimeMs: number };

/**
 * How long a guest may stand still, growing with the time its copy takes: a guest that is quiet is handed over within
 * some 50 ms, one that writes a lot gets more. QEMU's own 300 ms would be used up even where far less is enough.
 * The curve is Nova's (nova/virt/libvirt/migration.py, downtime_steps).
 */
function downtimeSteps(
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

/**
 * Sets the first step before it resolves, and the later ones until the returned function is called.
 *
 * A guest whose processor is emulated is copied in one pass, whatever the steps say: QEMU before 9.0 misses what such a
 * guest writes in every pass after the first, so that it arrives with its memory damaged
 * (docs/decisions/0017-emulated-guests-in-one-pass.md). It stands still for what it has written during that pass; a host
 * where that cannot be set fails the migration before anything is copied.
 */
export async function permitDowntime(
  host: LibvirtHost,
  domain: RemoteDomain,
  { permittedDowntime, emulatedGuestsInOnePass }: LiveMigrationSettings,
  gibToCopy: number,
): Promise<Outcome<() => void>> {
  if (emulatedGuestsInOnePass) {
    const definition = await host.definition(domain, 0);
    if (definition.outcome !== 'succeeded') return definition;
    if (isEmulated(definition.value)) {
      const permitted = await permit(host, domain, ONE_PASS_DOWNTIME_MS);
      return permitted.outcome === 'succeeded' ? succeeded(() => undefined) : permitted;
    }
  }
  const [first, ...later] = downtimeSteps(permittedDowntime, gibToCopy);
  // Best effort: without it QEMU's own limit holds, and the migration is no less safe.
  const set = ({ downtimeMs }: DowntimeStep): Promise<unknown> => permit(host, domain, downtimeMs);
  if (first !== undefined) await set(first);
  const timers = later
    .filter(({ afterMs }) => afterMs <= TIMER_MS_MAX)
    .map((step) => setTimeout(() => void set(step), step.afterMs));
  return succeeded(() => {
    for (const timer of timers) clearTimeout(timer);
  });
}

async function permit(host: LibvirtHost, domain: RemoteDomain, downtimeMs: number): Promise<Outcome<null>> {
  const args = { domain, downtimeMs: BigInt(downtimeMs), flags: 0 };
  const answer = await host.connections.call(DOMAIN_MIGRATE_SET_MAX_DOWNTIME, args);
  return outcomeOf(answer, `permitting ${domain.name} to stand still`);
}

const isEmulated = (definition: string): boolean => attribute(rootOf(parseXml(definition)), 'type') === 'qemu';
