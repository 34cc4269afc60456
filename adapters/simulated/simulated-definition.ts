import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CapturedDefinition, DiskToCopy, GuestDescription } from '../../application/ports/hypervisor-driver.ts';
import type { BootImages } from '../../domain/instance/boot-images.ts';
import { impossible } from '../../domain/shared/impossible.ts';

const DEFINITION_CHARACTERS_MAX = 65_536;

const disk = z.strictObject({
  file: z.enum(['disk', 'disk.rescue']),
  target: z.string(),
  format: z.literal('qcow2'),
  capacityBytes: z.int().nonnegative(),
});

const definition = z.strictObject({
  name: z.string(),
  uuid: z.string(),
  memoryMiB: z.int().positive(),
  vcpus: z.int().positive(),
  machine: z.string(),
  kernel: z.enum(['kernel', 'kernel.rescue']).nullable(),
  ramdisk: z.enum(['ramdisk', 'ramdisk.rescue']).nullable(),
  /** The first one is booted from. */
  disks: z.array(disk).min(1).readonly(),
});

/** What libvirt's domain XML is to a real host: the machine, and the files of the instance directory it is made of. */
export type SimulatedDefinition = Readonly<z.infer<typeof definition>>;
export type DiskRole = SimulatedDefinition['disks'][number]['file'];

export const MACHINE_TYPE = 'pc-i440fx-7.2';

export function originalDefinition(guest: GuestDescription, diskBytes: number): SimulatedDefinition {
  return {
    name: guest.name,
    uuid: guest.instanceId,
    memoryMiB: guest.flavor.ramMiB,
    vcpus: guest.flavor.vcpus,
    machine: MACHINE_TYPE,
    kernel: guest.images.kernelId === null ? null : 'kernel',
    ramdisk: guest.images.ramdiskId === null ? null : 'ramdisk',
    disks: [{ file: 'disk', target: 'vda', format: 'qcow2', capacityBytes: diskBytes }],
  };
}

/** Nova's legacy rescue: `disk.rescue` becomes the first disk and the original root the second one. */
export function rescueDefinition(
  original: SimulatedDefinition,
  images: BootImages,
  rescueDiskBytes: number,
): SimulatedDefinition {
  return {
    ...original,
    kernel: images.kernelId === null ? null : 'kernel.rescue',
    ramdisk: images.ramdiskId === null ? null : 'ramdisk.rescue',
    disks: [
      { file: 'disk.rescue', target: 'vda', format: 'qcow2', capacityBytes: rescueDiskBytes },
      ...original.disks.filter(({ file }) => file === 'disk').map((root) => ({ ...root, target: 'vdb' })),
    ],
  };
}

export function definitionText(value: SimulatedDefinition): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function captured(text: string): CapturedDefinition {
  return { definition: text, sha256: createHash('sha256').update(text).digest('hex') };
}

/** Null for what is no definition: the text may come from a damaged file. */
export function parseDefinition(text: string): SimulatedDefinition | null {
  if (text.length > DEFINITION_CHARACTERS_MAX) return null;
  try {
    const parsed = definition.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function bootDisk(value: SimulatedDefinition): DiskRole {
  const [first] = value.disks;
  if (first === undefined) throw new Error('bootDisk: a definition without disks');
  return first.file;
}

/** Kernel and ramdisk files the definition refers to: libvirt looks at them when a guest starts or comes in. */
export function bootFiles(value: SimulatedDefinition): readonly string[] {
  return [value.kernel, value.ramdisk].filter((file) => file !== null);
}

export function disksToCopy(value: SimulatedDefinition): readonly DiskToCopy[] {
  return value.disks.map(({ file, target, format, capacityBytes }) => ({
    fileName: file,
    targetDevice: target,
    format,
    capacityBytes,
  }));
}

export const isRescueDefinition = (value: SimulatedDefinition): boolean => {
  const file = bootDisk(value);
  switch (file) {
    case 'disk.rescue':
      return true;
    case 'disk':
      return false;
    default:
      return impossible(file, 'isRescueDefinition');
  }
};
