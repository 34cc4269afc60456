import { describe } from 'vitest';
import { describeMigration, valueOf } from './hypervisor-driver.fixture.ts';
import { sharedDirectoryContract } from './shared-directory.contract.ts';
import { DESTINATION, guestOf, simulatedPair, SOURCE } from './simulated-pair.fixture.ts';

describe('a directory that all simulated hosts have', () => {
  sharedDirectoryContract(async (storage) => {
    const pair = simulatedPair(storage);
    const [source, destination] = [pair.driver(SOURCE), pair.driver(DESTINATION)];
    const guest = guestOf(pair.bootImages);
    valueOf(await source.spawn(guest));
    const files = async () => [...(pair.cloud.files(SOURCE, guest.instanceId)?.keys() ?? [])].toSorted();
    return { source, destination, migration: describeMigration(guest, true), files };
  });
});
