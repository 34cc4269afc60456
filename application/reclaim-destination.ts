import type { HostName, MigrationId } from '../domain/shared/ids.ts';
import { succeeded, type Outcome } from '../domain/shared/outcome.ts';
import type { HypervisorDriver, MigrationDescription } from './ports/hypervisor-driver.ts';
import type { Views } from './views/views.ts';

/** Of one server and one destination; older ones have been reclaimed by those between. */
const EARLIER_MIGRATIONS_MAX = 10;

/**
 * Removes what migrations of this server that were rolled back have left on the destination: a preparation that was
 * given up may have landed after its undo, and would stand in the way of every later one. Only what bears the mark of
 * such a migration goes; the drivers refuse beside a guest.
 */
export async function reclaimDestination(
  views: Pick<Views, 'migrations'>,
  destination: HypervisorDriver,
  description: MigrationDescription,
): Promise<Outcome<null>> {
  for (const migrationId of rolledBackTo(views, destination.host, description)) {
    const cleared = await destination.clearDestination({ ...description, migrationId });
    if (cleared.outcome !== 'succeeded') return cleared;
  }
  return succeeded(null);
}

function rolledBackTo(
  { migrations }: Pick<Views, 'migrations'>,
  host: HostName,
  { guest }: MigrationDescription,
): readonly MigrationId[] {
  return migrations
    .ofInstance(guest.instanceId)
    .filter(({ saga, destination }) => saga.phase === 'rolledBack' && destination === host)
    .slice(-EARLIER_MIGRATIONS_MAX)
    .map(({ migrationId }) => migrationId);
}
