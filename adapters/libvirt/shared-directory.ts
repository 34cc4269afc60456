import type { MigrationDescription } from '../../application/ports/hypervisor-driver.ts';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { MigrationMarker, type MarkerKind } from './migration-marker.ts';

/**
 * See LiveMigrationSource.sharesDirectory. Nova's probe (nova.md B.5) the other way round: the directory stands on the
 * source in any case. A network file system that shows the probe late says "not shared", and then the directory that
 * stands there already is refused: too careful, never too bold.
 */
export async function sharesDirectory(
  source: LibvirtHost,
  destination: LibvirtHost,
  { migrationId, guest }: MigrationDescription,
): Promise<Outcome<boolean>> {
  const { instanceId } = guest;
  const [pool, there] = await Promise.all([
    source.directory(instanceId).find(),
    destination.directory(instanceId).find(),
  ]);
  if (pool.outcome !== 'succeeded') return pool;
  if (there.outcome !== 'succeeded') return there;
  // Where there is no directory at all, there is nothing to look for in it.
  if (pool.value === null || there.value === null) return succeeded(false);
  const probe = new MigrationMarker(source, instanceId, migrationId, 'probe');
  const placed = await probe.placeIn(pool.value);
  if (placed.outcome !== 'succeeded') return placed;
  const seen = await new MigrationMarker(destination, instanceId, migrationId, 'probe').stands();
  const removed = await probe.remove();
  return removed.outcome === 'succeeded' ? seen : removed;
}

/** See LiveMigrationSource.leaveSharedDirectory. */
export async function leaveSharedDirectory(
  host: LibvirtHost,
  description: MigrationDescription,
): Promise<Outcome<null>> {
  const unmarked = await removeMarkers(host, description, [
    'migration',
    'suspended',
    'probe',
    'arriving',
    'definition',
  ]);
  return unmarked.outcome === 'succeeded' ? host.directory(description.guest.instanceId).release() : unmarked;
}

/** Succeeds when there are none. */
export async function removeMarkers(
  host: LibvirtHost,
  { migrationId, guest }: MigrationDescription,
  kinds: readonly MarkerKind[],
): Promise<Outcome<null>> {
  for (const kind of kinds) {
    const removed = await new MigrationMarker(host, guest.instanceId, migrationId, kind).remove();
    if (removed.outcome !== 'succeeded') return removed;
  }
  return succeeded(null);
}
