import type { SimulatedDriver } from '../../adapters/simulated/simulated-driver.ts';
import type { GuestDescription, MigrationDescription } from '../../application/ports/hypervisor-driver.ts';
import {
  describeMigration,
  recordingListener,
  stageArtifacts,
  valueOf,
  type HypervisorPair,
} from './hypervisor-driver.fixture.ts';
import { DESTINATION, guestOf, simulatedPair, SOURCE } from './simulated-pair.fixture.ts';

/** A rescued server on the source, and everything it needs prepared and staged on the destination. */
export async function stagedMigration() {
  const pair = simulatedPair();
  const guest = guestOf(pair.bootImages);
  const [source, destination] = [pair.driver(SOURCE), pair.driver(DESTINATION)];
  const migration = describeMigration(guest, true);
  valueOf(await source.spawn(guest));
  const original = valueOf(await source.captureDefinition(guest.instanceId));
  await source.rescue(guest, pair.rescueImages, original);
  const prepare = () => prepareAgain(pair, { source, destination, migration, guest });
  await prepare();
  const { bootId } = pair.cloud.guest(SOURCE, guest.instanceId) ?? { bootId: null };
  return {
    ...pair,
    guest,
    original,
    source,
    destination,
    migration,
    bootId,
    prepare,
    migrate: async (listener = recordingListener()) => {
      const migrated = source.migrateGuest(
        migration,
        destination,
        valueOf(await source.checkSource(migration)),
        listener,
      );
      await pair.clock.runUntilIdle();
      return migrated;
    },
    where: () => ({
      running: pair.cloud.runningCopies(guest.instanceId),
      incoming: pair.cloud.guest(DESTINATION, guest.instanceId)?.incoming ?? false,
    }),
  };
}

async function prepareAgain(
  pair: ReturnType<typeof simulatedPair>,
  request: {
    readonly source: SimulatedDriver;
    readonly destination: SimulatedDriver;
    readonly migration: MigrationDescription;
    readonly guest: GuestDescription;
  },
): Promise<void> {
  const { source, destination, migration, guest } = request;
  valueOf(await destination.prepareDestination(migration, valueOf(await source.checkSource(migration))));
  const staging: Pick<HypervisorPair, 'hosts' | 'images' | 'transfer'> = { ...pair, hosts: [SOURCE, DESTINATION] };
  await stageArtifacts(staging, guest, pair.rescueImages);
}
