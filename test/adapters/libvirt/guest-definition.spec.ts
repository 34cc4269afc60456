import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guestDefinition, type GuestDefinitionOptions } from '../../../adapters/libvirt/guest-definition.ts';
import type { GuestHardware } from '../../../adapters/libvirt/guest-hardware.ts';
import { DEFAULT_HOST_DEVICES } from '../../../adapters/libvirt/host-devices.ts';
import { find, parseXml, rootOf } from '../../../adapters/libvirt/xml-document.ts';
import type { GuestDescription } from '../../../application/ports/hypervisor-driver.ts';
import { imageId, instanceId } from '../../../domain/shared/ids.ts';
import { DIRECTORY, goldenDefinition, SERVER } from './golden-definition.ts';

const GUEST: GuestDescription = {
  instanceId: instanceId(SERVER),
  name: 'patient',
  flavor: { id: '1', name: 'm1.lab', vcpus: 1, ramMiB: 128, diskGiB: 0 },
  images: { imageId: imageId(SERVER), kernelId: null, ramdiskId: null },
  networkInterfaces: [],
};
const HARDWARE: GuestHardware = {
  machineType: 'pc',
  firmware: 'bios',
  diskBus: 'virtio',
  cdromBus: 'ide',
  vifModel: 'virtio',
  watchdogAction: null,
  videoModel: null,
};
const OPTIONS: GuestDefinitionOptions = {
  virtType: 'qemu',
  directory: DIRECTORY,
  diskFormat: 'qcow2',
  hardware: HARDWARE,
  devices: DEFAULT_HOST_DEVICES,
  interfaces: [],
  cpu: null,
  boot: null,
};
const BOOT = {
  kernel: `${DIRECTORY}/kernel`,
  ramdisk: `${DIRECTORY}/ramdisk`,
  commandLine: 'root=/dev/vda console=ttyS0 quiet="a & b"',
};

/** Each builds and parses a whole document. */
const RUNS = 30;

describe('the definition of a new server', () => {
  it('is this one', () => {
    expect(guestDefinition(GUEST, { ...OPTIONS, boot: BOOT })).toBe(goldenDefinition('guest'));
  });

  it('boots its disk when there is no kernel', () => {
    const definition = guestDefinition(GUEST, OPTIONS);
    expect(definition).toContain('<boot dev="hd"/>');
    expect(definition).not.toContain('<kernel>');
  });

  it('carries whatever a server is called as text in one line, and nothing else', () => {
    for (const [name, title] of [
      [`</title><devices/>`, `</title><devices/>`],
      [`&amp; "it's" ]]> <!--`, `&amp; "it's" ]]> <!--`],
      ['one\r\ntwo\tthree', 'one two three'],
      ['bell\u0007 \u0000 \ufffe \ufffd', 'bell? ? ? ?'],
      ['half \ud83d of a character', 'half ? of a character'],
      ['🛟 Rettungsboot', '🛟 Rettungsboot'],
    ] as const) {
      expect(titleOf(name)).toBe(title);
    }
  });

  it('has the same shape for every name', () => {
    const shape = guestDefinition(GUEST, OPTIONS).replace(/<title>.*?<\/title>/, '');
    assert(
      property(string({ unit: 'binary', maxLength: 64 }), (name) => {
        const definition = guestDefinition({ ...GUEST, name }, OPTIONS);
        expect(parseXml(definition).documentElement?.nodeName).toBe('domain');
        expect(definition.replace(/<title>.*?<\/title>|<title\/>/, '')).toBe(shape);
      }),
      { numRuns: RUNS },
    );
  });
});

function titleOf(name: string): string | null {
  const domain = rootOf(parseXml(guestDefinition({ ...GUEST, name }, OPTIONS)));
  return find(domain, 'title')?.textContent ?? null;
}
