import { join } from 'node:path';
import { importImage } from '../../adapters/images/image-import.ts';
import type { LibvirtLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { GUEST_COMMAND_LINE } from '../lab/guest-images.ts';
import type { LayoutRow } from './layout-matrix.ts';

const RESCUE_PROPERTIES: Readonly<Record<LayoutRow['rescue'], Readonly<Record<string, string>>>> = {
  legacy: {},
  'legacy-own-image': {},
  'virtio-disk': { hw_rescue_device: 'disk', hw_rescue_bus: 'virtio' },
  'scsi-disk': { hw_rescue_device: 'disk', hw_rescue_bus: 'scsi' },
  'usb-disk': { hw_rescue_device: 'disk', hw_rescue_bus: 'usb' },
  'ide-cdrom': { hw_rescue_device: 'cdrom', hw_rescue_bus: 'ide' },
  'disk-only': { hw_rescue_device: 'disk' },
};

export type LayoutImages = { readonly boot: string; readonly rescue: string };

/** The image that a server of this row is made of, and the one that it is rescued with. */
export async function layoutImages(lab: LibvirtLab, row: LayoutRow): Promise<LayoutImages> {
  const format = row.disks.startsWith('raw') ? 'raw' : 'qcow2';
  const firmware: Readonly<Record<string, string>> = row.firmware === 'uefi' ? { hw_firmware_type: 'uefi' } : {};
  const { boot: own, rescue: other } = lab.images;
  const boot = await importDisk(lab, `original.${format}`, format, { ...kernelPair(own), ...firmware });
  if (row.rescue === 'legacy-own-image') return { boot, rescue: boot };
  // `disk-only` names no kernel of its own: the server's goes on being used.
  const pair = row.rescue === 'disk-only' ? { os_command_line: GUEST_COMMAND_LINE } : kernelPair(other);
  const rescue = await importDisk(lab, 'rescue.qcow2', 'qcow2', { ...pair, ...RESCUE_PROPERTIES[row.rescue] });
  return { boot, rescue };
}

function kernelPair({ kernelId, ramdiskId }: LibvirtLab['images']['boot']): Readonly<Record<string, string>> {
  return { kernel_id: kernelId ?? '', ramdisk_id: ramdiskId ?? '', os_command_line: GUEST_COMMAND_LINE };
}

async function importDisk(
  { images, directory }: LibvirtLab,
  file: string,
  diskFormat: 'raw' | 'qcow2',
  properties: Readonly<Record<string, string>>,
): Promise<string> {
  const facts = { id: null, name: file, diskFormat, containerFormat: 'bare', minDiskGiB: 0, minRamMiB: 0 } as const;
  const rest = { properties, visibility: 'public', createdAt: '2026-01-01T00:00:00Z' } as const;
  const imported = await importImage(images.path, { ...facts, ...rest }, join(directory, 'guest', file));
  if (!imported.imported) throw new Error(imported.reason);
  return imported.image.id;
}
