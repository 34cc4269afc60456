import type { InstanceState } from '../domain/instance/instance-state.ts';
import type { SagaFacts } from '../domain/migration/saga-state.ts';
import { guestOf } from './advance-instance.ts';
import type { MigrationDescription } from './ports/hypervisor-driver.ts';

/** What a driver is told of a migration. A server that was deleted since is still known by what it was. */
export function descriptionOf(
  { migrationId, blockMigration }: Pick<SagaFacts, 'migrationId' | 'blockMigration'>,
  instance: Exclude<InstanceState, { existence: 'absent' }>,
): MigrationDescription {
  // The record, not vm_state: a state reset by hand must not leave the rescue's files behind (nova.md D.3-26).
  const { rescue } = instance;
  const original = rescue?.original ?? null;
  const described = { migrationId, guest: guestOf(instance), rescued: original !== null, original, blockMigration };
  return rescue === null ? described : { ...described, rescueImageId: rescue.images.imageId };
}
