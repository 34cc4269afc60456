import { describe, expect, it } from 'vitest';
import { guestDefinition, type GuestDefinitionOptions } from '../../../adapters/libvirt/guest-definition.ts';
import { guestHardware, targetName, type GuestHardware } from '../../../adapters/libvirt/guest-hardware.ts';
import { DEFAULT_HOST_DEVICES } from '../../../adapters/libvirt/host-devices.ts';
import { sampleImage } from '../../support/sample-images.ts';
import { DIRECTORY, SERVER } from './golden-definition.ts';
import { GUEST, PLAIN } from './guest-definition.fixture.ts';

const hardwareOf = (properties: Readonly<Record<string, string>>) =>
  guestHardware(sampleImage(new Uint8Array(1), { properties }));

function hardware(properties: Readonly<Record<string, string>>): GuestHardware {
  const found = hardwareOf(properties);
  if (found.outcome !== 'succeeded') throw new Error(found.reason);
  return found.value;
}

function built(properties: Readonly<Record<string, string>>, more: Partial<GuestDefinitionOptions> = {}): string {
  return guestDefinition(GUEST, { ...PLAIN, hardware: hardware(properties), ...more });
}

describe('what an image says of its machine', () => {
  it('is Nova’s default where it says nothing', () => {
    expect(hardware({})).toEqual(PLAIN.hardware);
    expect(hardware({ hw_machine_type: 'q35' }).cdromBus).toBe('sata');
    expect(hardware({ hw_watchdog_action: 'disabled', hw_rng_model: 'virtio' }).watchdogAction).toBeNull();
  });

  it.each([
    [{ hw_disk_bus: 'xen' }, 'hw_disk_bus is xen, expected one of virtio, scsi, sata, ide, usb'],
    [{ hw_machine_type: 'q35', hw_disk_bus: 'ide' }, 'hw_disk_bus is ide, expected one of virtio, scsi, sata, usb'],
    [{ hw_firmware_type: 'coreboot' }, 'hw_firmware_type is coreboot, expected one of bios, uefi'],
    [{ hw_rng_model: 'dice', hw_vif_model: 'token-ring' }, 'hw_vif_model is token-ring, expected one of'],
    [{ hw_watchdog_action: '"/><disk/>' }, 'hw_watchdog_action is'],
    [{ hw_machine_type: 'pc"/>' }, "hw_machine_type is not a machine type's name"],
  ])('is refused where no machine can have it: %j', (properties, reason) => {
    expect(hardwareOf(properties)).toEqual({ outcome: 'failed', reason: expect.stringContaining(reason) });
  });

  it('makes the machine', () => {
    const uefi = built({ hw_machine_type: 'q35', hw_firmware_type: 'uefi' });
    expect(uefi).toContain('machine="q35"');
    const { loader, nvramTemplate } = DEFAULT_HOST_DEVICES.uefi;
    expect(uefi).toContain(`<loader readonly="yes" type="pflash">${loader}</loader>`);
    expect(uefi).toContain(`<nvram template="${nvramTemplate}">${DIRECTORY}/nvram.fd</nvram>`);
    expect(built({})).not.toContain('loader');
    expect(built({ hw_watchdog_action: 'pause' })).toContain('<watchdog model="i6300esb" action="pause"/>');
  });

  it.each([
    ['virtio', 'vda', '<controller type="usb" model="none"/>'],
    ['scsi', 'sda', '<controller type="scsi" index="0" model="virtio-scsi"/>'],
    ['usb', 'sda', '<controller type="usb" model="qemu-xhci"/>'],
    ['ide', 'hda', '<controller type="usb" model="none"/>'],
  ])('puts the disk on the bus %s', (bus, target, controller) => {
    const definition = built({ hw_disk_bus: bus });
    expect(definition).toContain(`<target dev="${target}" bus="${bus}"/>`);
    expect(definition).toContain(controller);
  });

  it('names disks one after the other', () => {
    expect([targetName('virtio', 0), targetName('sata', 1), targetName('ide', 25)]).toEqual(['vda', 'sdb', 'hdz']);
    expect(() => targetName('scsi', 26)).toThrow('no place 26');
  });
});

describe('what a host gives its guests', () => {
  it('is a screen where one is configured, and a card where there is a screen or the image wants one', () => {
    const screen = built({}, { devices: { ...DEFAULT_HOST_DEVICES, graphics: 'spice', listenAddress: '192.0.2.1' } });
    expect(screen).toContain('<graphics type="spice" port="-1" autoport="yes" listen="192.0.2.1">');
    expect(screen).toContain('<video><model type="virtio"/></video>');
    expect(built({})).not.toMatch(/graphics|video/);
    expect(built({ hw_video_model: 'vga' })).toContain('<video><model type="vga"/></video>');
  });

  it('is an interface for each network, with an address of its own', () => {
    const of = { portId: SERVER, networkId: SERVER, macAddress: 'fa:16:3e:00:00:01' };
    const interfaces = [
      { of, into: { kind: 'bridge', name: 'br0' } },
      { of: { ...of, macAddress: 'fa:16:3e:00:00:02' }, into: { kind: 'network', name: 'blue' } },
    ] as const;
    expect(built({ hw_vif_model: 'e1000' }, { interfaces })).toContain(
      '<interface type="bridge"><mac address="fa:16:3e:00:00:01"/><source bridge="br0"/><model type="e1000"/></interface>' +
        '<interface type="network"><mac address="fa:16:3e:00:00:02"/><source network="blue"/><model type="e1000"/></interface>',
    );
  });
});
