import { describe, expect, it } from 'vitest';
import { configDrive } from '../../../adapters/libvirt/config-drive.ts';
import { isoImage } from '../../../adapters/libvirt/iso-image.ts';
import { swapHeader } from '../../../adapters/libvirt/swap-header.ts';
import { imageId, instanceId, projectId } from '../../../domain/shared/ids.ts';

const SECTOR = 2048;

/** Walks an image as a kernel does: from the descriptor to the root's directory, and down by the names in it. */
function readFile(image: Buffer, path: readonly string[]): Buffer {
  const descriptor = image.subarray(16 * SECTOR, 17 * SECTOR);
  expect(descriptor.subarray(1, 6).toString()).toBe('CD001');
  expect(descriptor.readUInt32LE(80) * SECTOR).toBe(image.length);
  let record = descriptor.subarray(156, 190);
  for (const name of path) {
    const start = record.readUInt32LE(2) * SECTOR;
    const directory = image.subarray(start, start + record.readUInt32LE(10));
    const found = recordsOf(directory).find(({ identifier }) => identifier === name);
    if (found === undefined) throw new Error(`no ${name}`);
    record = found.record;
  }
  const start = record.readUInt32LE(2) * SECTOR;
  expect(record.readUInt32BE(6) * SECTOR).toBe(start);
  return image.subarray(start, start + record.readUInt32LE(10));
}

function recordsOf(directory: Buffer): readonly { readonly identifier: string; readonly record: Buffer }[] {
  const records = [];
  for (let offset = 0; offset < directory.length && directory.readUInt8(offset) > 0;) {
    const record = directory.subarray(offset, offset + directory.readUInt8(offset));
    records.push({ identifier: record.subarray(33, 33 + record.readUInt8(32)).toString('latin1'), record });
    offset += record.length;
  }
  return records;
}

describe('a CD-ROM image', () => {
  it('carries files of any size at the end of any path', () => {
    const large = Buffer.alloc(5000, 'x');
    const image = isoImage('label', {
      a: { b: { 'large.bin': large, empty: Buffer.alloc(0) } },
      top: Buffer.from('1'),
    });
    expect(readFile(image, ['A', 'B', 'LARGE.BIN;1']).equals(large)).toBe(true);
    expect(readFile(image, ['A', 'B', 'EMPTY.;1'])).toHaveLength(0);
    expect(readFile(image, ['TOP.;1']).toString()).toBe('1');
    expect(
      image
        .subarray(16 * SECTOR + 40, 16 * SECTOR + 72)
        .toString()
        .trim(),
    ).toBe('label');
  });

  it('has no place for a name that could lead elsewhere', () => {
    expect(() => isoImage('label', { '../a': Buffer.from('') })).toThrow('cannot be the name of a file');
  });

  it('is the same for the same server, and tells it what it is', () => {
    const facts = {
      hostname: 'web',
      metadata: { role: 'db' },
      projectId: projectId('p'),
      launchIndex: 0,
      availabilityZone: null,
      userData: Buffer.from('#cloud-config\n').toString('base64'),
    };
    const guest = {
      instanceId: instanceId('5b6d4a1e-7c1d-4e57-9a55-0b6f6a2d1c01'),
      name: 'web',
      flavor: { id: '1', name: 'tiny', vcpus: 1, ramMiB: 128, diskGiB: 0 },
      images: { imageId: imageId('i'), kernelId: null, ramdiskId: null },
      networkInterfaces: [],
    };
    const { content: image, capacityBytes } = configDrive(guest, facts, 'iso9660');
    expect(configDrive(guest, facts, 'iso9660').content.equals(image)).toBe(true);
    expect(capacityBytes).toBe(image.length);
    const told: unknown = JSON.parse(readFile(image, ['OPENSTACK', 'LATEST', 'META_DATA.JSON;1']).toString());
    expect(told).toMatchObject({ uuid: guest.instanceId, hostname: 'web', meta: { role: 'db' }, project_id: 'p' });
    expect(readFile(image, ['OPENSTACK', 'LATEST', 'USER_DATA.;1']).toString()).toBe('#cloud-config\n');
  });
});

describe('a swap header', () => {
  it('is one page with the signature at its end and the number of the last page', () => {
    const header = swapHeader(64 * 1024 * 1024);
    expect(header).toHaveLength(4096);
    expect(header.subarray(-10).toString()).toBe('SWAPSPACE2');
    expect(header.readUInt32LE(1028)).toBe(16_383);
  });
});
