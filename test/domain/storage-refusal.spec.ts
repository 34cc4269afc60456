import { describe, expect, it } from 'vitest';
import { refuseStorage } from '../../domain/migration/storage-refusal.ts';
import { hostName } from '../../domain/shared/ids.ts';

const SOURCE = hostName('compute-1');

describe('block_migration and what the hosts share', () => {
  it.each([
    [true, false],
    [false, true],
    ['auto', true],
    ['auto', false],
  ] as const)('%s fits hosts that share the directory: %s', (blockMigration, isShared) => {
    expect(refuseStorage(blockMigration, isShared, SOURCE)).toBeNull();
  });

  it('is refused in Nova’s words where it does not fit', () => {
    expect(refuseStorage(true, true, SOURCE)).toBe(
      'compute-1 is not on local storage: Block migration can not be used with shared storage.',
    );
    expect(refuseStorage(false, false, SOURCE)).toBe(
      'compute-1 is not on shared storage: Shared storage live-migration requires either shared storage or ' +
        'boot-from-volume with no local disks.',
    );
  });
});
