import type { MigrationDescription } from '../../application/ports/hypervisor-driver.ts';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { DiskPool, OpenedPool } from './disk-pool.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { markerName } from './migration-marker.ts';

type Side = { readonly disks: DiskPool; readonly opened: OpenedPool };

/**
 * See LiveMigrationSource.sharesDisks. A logical volume has an identity of its own, which only the same one has on the
 * other host; of files the path says nothing, so there a probe is made on the one host and looked for on the other.
 */
export async function sharesDisks(
  source: LibvirtHost,
  destination: LibvirtHost,
  description: MigrationDescription,
): Promise<Outcome<boolean>> {
  const [here, there] = await Promise.all([open(source.diskPool()), open(destination.diskPool())]);
  if (here.outcome !== 'succeeded') return here;
  if (there.outcome !== 'succeeded') return there;
  const [from, to] = [here.value, there.value];
  if (from === null || to === null || from.opened.kind !== to.opened.kind) return succeeded(false);
  const disksOf = ({ disks, opened }: Side) => disks.disks(opened, description.guest.instanceId);
  const [ours, theirs] = await Promise.all([disksOf(from), disksOf(to)]);
  if (ours.outcome !== 'succeeded') return ours;
  if (theirs.outcome !== 'succeeded') return theirs;
  const keys = new Map(theirs.value.map(({ name, key }) => [name, key]));
  if (from.opened.kind === 'block') return succeeded(ours.value.every(({ name, key }) => keys.get(name) === key));
  return ours.value.every(({ name }) => keys.has(name)) ? seesProbe(from, to, description) : succeeded(false);
}

async function open(disks: DiskPool | null): Promise<Outcome<Side | null>> {
  if (disks === null) return succeeded(null);
  const opened = await disks.open();
  return opened.outcome === 'succeeded' ? succeeded({ disks, opened: opened.value }) : opened;
}

async function seesProbe(from: Side, to: Side, { migrationId }: MigrationDescription): Promise<Outcome<boolean>> {
  const name = markerName('probe', migrationId);
  const placed = await from.disks.create(from.opened.pool, { name, format: 'raw', capacityBytes: 0 });
  if (placed.outcome !== 'succeeded') return placed;
  const looked = await to.disks.open();
  const found = looked.outcome === 'succeeded' ? await to.disks.volume(looked.value.pool, name) : looked;
  const removed = await from.disks.removeFile(from.opened.pool, name);
  if (removed.outcome !== 'succeeded') return removed;
  return found.outcome === 'succeeded' ? succeeded(found.value !== null) : found;
}
