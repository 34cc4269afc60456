import { describe, expect, it } from 'vitest';
import { rescueDevice } from '../../../adapters/libvirt/rescue-device.ts';
import type { Image } from '../../../application/ports/image-service.ts';
import { imageId } from '../../../domain/shared/ids.ts';

function imageWith(properties: Readonly<Record<string, string>>): Image {
  const at = '2026-01-01T00:00:00Z';
  const kind = { status: 'active', diskFormat: 'qcow2', containerFormat: 'bare', visibility: 'public' } as const;
  const facts = { id: imageId('image'), name: 'rescue', sizeBytes: 1, sha256: null, minDiskGiB: 0, minRamMiB: 0 };
  return { ...facts, ...kind, createdAt: at, updatedAt: at, properties };
}

const asked = (machine: string, device: string | null, bus: string | null) =>
  rescueDevice(
    imageWith({
      ...(device === null ? {} : { hw_rescue_device: device }),
      ...(bus === null ? {} : { hw_rescue_bus: bus }),
    }),
    machine,
  );

describe('what a rescue image asks for', () => {
  it.each([
    ['pc', null, null, null],
    ['pc', 'disk', null, { kind: 'disk', bus: 'virtio' }],
    ['pc', null, 'scsi', { kind: 'disk', bus: 'scsi' }],
    ['pc', 'cdrom', null, { kind: 'cdrom', bus: 'ide' }],
    ['pc-q35-7.2', 'cdrom', null, { kind: 'cdrom', bus: 'sata' }],
    ['pc', 'disk', 'ide', { kind: 'disk', bus: 'ide' }],
    ['pc', 'cdrom', 'usb', { kind: 'cdrom', bus: 'usb' }],
  ])('%s: %s on %s', (machine, device, bus, expected) => {
    expect(asked(machine, device, bus)).toEqual({ outcome: 'succeeded', value: expected });
  });

  it.each([
    ['pc', 'floppy', null, "Requested rescue device 'floppy' is not supported"],
    ['pc', 'disk', 'xen', "Requested rescue bus 'xen' is not supported by the 'qemu' virt driver"],
    ['pc-q35-7.2', 'disk', 'ide', "Requested rescue bus 'ide' is not supported by the 'qemu' virt driver"],
    ['pc', 'cdrom', 'virtio', "Requested rescue bus 'virtio' is not supported by the 'qemu' virt driver"],
  ])('%s cannot have %s on %s', (machine, device, bus, reason) => {
    expect(asked(machine, device, bus)).toMatchObject({ outcome: 'failed', reason });
  });
});
