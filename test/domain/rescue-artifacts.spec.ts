import { describe, expect, it } from 'vitest';
import { planArtifacts, sourceAfter } from '../../domain/migration/rescue-artifacts.ts';
import { BOOT_IMAGES, RESCUE_IMAGES } from './instance-histories.fixture.ts';

const DISK_ONLY = { imageId: BOOT_IMAGES.imageId, kernelId: null, ramdiskId: null };
const UNRESCUE = { name: 'unrescue.xml', imageId: null };
const OWN = [
  { name: 'kernel', imageId: 'stock-kernel' },
  { name: 'ramdisk', imageId: 'stock-ramdisk' },
];
const RESCUE = [
  { name: 'kernel.rescue', imageId: 'rescue-kernel' },
  { name: 'ramdisk.rescue', imageId: 'rescue-ramdisk' },
];

describe('the artifacts of a migration', () => {
  it.each([
    [
      'a rescued server: the specification’s three, and what its own machine boots from',
      BOOT_IMAGES,
      RESCUE_IMAGES,
      [UNRESCUE, ...RESCUE, ...OWN],
    ],
    ['a server that is not rescued: only its own kernel pair', BOOT_IMAGES, null, OWN],
    ['a server that boots by itself, rescued by a kernel', DISK_ONLY, RESCUE_IMAGES, [UNRESCUE, ...RESCUE]],
    ['a server with a kernel, rescued by a disk', BOOT_IMAGES, DISK_ONLY, [UNRESCUE, ...OWN]],
    ['a server that boots by itself, rescued by a disk', DISK_ONLY, DISK_ONLY, [UNRESCUE]],
    ['a server that boots by itself', DISK_ONLY, null, []],
    [
      'a kernel without a ramdisk',
      { ...BOOT_IMAGES, ramdiskId: null },
      { ...RESCUE_IMAGES, ramdiskId: null },
      [UNRESCUE, RESCUE[0], OWN[0]],
    ],
  ])('%s', (_name, original, rescued, plan) => {
    expect(planArtifacts(original, rescued)).toEqual(plan);
  });

  it('come from the source host only when the image service says that it has no such image', () => {
    expect(sourceAfter('fetched')).toBe('none');
    expect(sourceAfter('imageNotFound')).toBe('sourceHost');
    expect(sourceAfter('imageServiceFailed')).toBe('failMigration');
  });
});
