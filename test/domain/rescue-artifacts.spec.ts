import { describe, expect, it } from 'vitest';
import { planArtifacts, sourceAfter, splitByNeed, type CopiedFile } from '../../domain/migration/rescue-artifacts.ts';
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

const file = (name: string, inUse: boolean): CopiedFile => ({ name, sizeBytes: 10, allocatedBytes: 5, inUse });

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

  it('leave no file of the source’s directory behind, and fetch from the image service what it may have', () => {
    const files = ['kernel', 'disk.eph0', 'unrescue.xml', 'disk.swap', 'nvram.fd'].map((name) => file(name, false));
    const cold = ['disk.eph0', 'disk.swap', 'nvram.fd'].map((name) => ({ name, imageId: null }));
    expect(planArtifacts(BOOT_IMAGES, RESCUE_IMAGES, files)).toEqual([UNRESCUE, ...RESCUE, ...OWN, ...cold]);
    expect(planArtifacts(DISK_ONLY, null, [])).toEqual([]);
  });

  it('come before the incoming guest when it refers to them, and otherwise while it is started', () => {
    const files = [file('disk.config.rescue', true), file('disk.eph0', false), file('nvram.fd', true)];
    const { beforePrepare, beforePerform } = splitByNeed(planArtifacts(BOOT_IMAGES, RESCUE_IMAGES, files), true, files);
    const names = (plan: typeof beforePrepare): readonly string[] => plan.map(({ name }) => name);
    expect(names(beforePrepare)).toEqual(['kernel.rescue', 'ramdisk.rescue', 'disk.config.rescue', 'nvram.fd']);
    expect(names(beforePerform)).toEqual(['unrescue.xml', 'kernel', 'ramdisk', 'disk.eph0']);
  });

  it('come from the source host only when the image service says that it has no such image', () => {
    expect(sourceAfter('fetched')).toBe('none');
    expect(sourceAfter('imageNotFound')).toBe('sourceHost');
    expect(sourceAfter('imageServiceFailed')).toBe('failMigration');
  });
});
