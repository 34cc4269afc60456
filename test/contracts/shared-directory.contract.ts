import { expect, it } from 'vitest';
import type { HypervisorDriver, MigrationDescription, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import { refusalOf, twice, valueOf } from './hypervisor-driver.fixture.ts';

/** Two hosts, and a server's directory with its files on the first. */
export type DirectoryPair = {
  readonly source: HypervisorDriver;
  readonly destination: HypervisorDriver;
  readonly migration: MigrationDescription;
  /** Names in the server's directory on the first host, sorted. */
  readonly files: () => Promise<readonly string[]>;
};

/** Of a server whose directory both hosts have. */
export const FACTS: SourceFacts = {
  disks: [],
  files: [],
  pooledDisks: [],
  sharedDirectory: true,
  memoryMiB: 128,
  definition: '<domain/>',
};

/** What every driver owes to a directory that both hosts have. */
export function sharedDirectoryContract(makePair: (storage: 'shared' | 'local') => Promise<DirectoryPair>): void {
  it('is told from one of the same name that is another', async () => {
    for (const storage of ['shared', 'local'] as const) {
      const { source, destination, migration, files } = await makePair(storage);
      const before = await files();
      expect(await twice(() => source.sharesDirectory(migration, destination))).toBe(storage === 'shared');
      expect(await files()).toEqual(before);
    }
  });

  it('keeps every file when the destination is prepared and cleared, and when the source is left', async () => {
    const { source, destination, migration, files } = await makePair('shared');
    const before = await files();
    await twice(() => destination.prepareDestination(migration, FACTS));
    expect(valueOf(await destination.ownsDirectory(migration))).toBe(false);
    await twice(() => destination.clearDestination(migration));
    expect(await files()).toEqual(before);
    await twice(() => destination.prepareDestination(migration, FACTS));
    await twice(() => source.leaveSharedDirectory(migration));
    expect(await files()).toEqual(before);
  });

  it('is in the way of a migration that takes it for an empty place, and is left alone by it', async () => {
    const { destination, migration, files } = await makePair('shared');
    const before = await files();
    const asIfApart = { ...FACTS, sharedDirectory: false };
    expect(refusalOf(await destination.prepareDestination(migration, asIfApart))).toContain('DestinationDiskExists');
    valueOf(await destination.clearDestination(migration));
    expect(await files()).toEqual(before);
  });
}
