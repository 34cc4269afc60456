import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FAT_IMAGE_BYTES, fatImage } from '../../../adapters/libvirt/fat-image.ts';
import { requireCommand, runCommand } from '../../lab/run-command.ts';

const SECTOR = 512;
const FAT_OFFSET = SECTOR;
const ROOT_OFFSET = SECTOR + 2 * 128 * SECTOR;
const DATA_OFFSET = ROOT_OFFSET + 512 * 32;
const CLUSTER = 4 * SECTOR;
const TREE = {
  openstack: {
    latest: {
      'meta_data.json': Buffer.from('{"uuid":"1"}'),
      'a_name_that_is_longer_than_two_entries_of_a_directory_can_hold.json': Buffer.from('long'),
      'meta_data_too.json': Buffer.alloc(5000, 'x'),
      user_data: Buffer.alloc(0),
    },
    many: Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`file-number-${index}`, Buffer.from(`${index}`)]),
    ),
  },
  TOP: Buffer.from('1'),
};

type Found = { readonly name: string; readonly attributes: number; readonly cluster: number; readonly bytes: number };

/** Reads a directory as a kernel does: long names are put together from the entries before each short one. */
function entriesOf(directory: Buffer): readonly Found[] {
  const found: Found[] = [];
  let long = '';
  for (let at = 0; at < directory.length && directory[at] !== 0; at += 32) {
    const entry = directory.subarray(at, at + 32);
    const attributes = entry.readUInt8(11);
    if (attributes === 0x0f) {
      const text = Buffer.concat([entry.subarray(1, 11), entry.subarray(14, 26), entry.subarray(28, 32)]);
      long = text.toString('utf16le').replace(/\0.*$/s, '') + long;
      continue;
    }
    const [base, extension] = [entry.subarray(0, 8), entry.subarray(8, 11)].map((part) => part.toString().trim());
    const short = extension === '' ? base : `${base}.${extension}`;
    const facts = { attributes, cluster: entry.readUInt16LE(26), bytes: entry.readUInt32LE(28) };
    found.push({ name: long === '' ? (short ?? '') : long, ...facts });
    long = '';
  }
  return found;
}

function chainOf(image: Buffer, first: number): Buffer {
  const parts: Buffer[] = [];
  for (let cluster = first; cluster >= 2 && cluster < 0xfff8; cluster = image.readUInt16LE(FAT_OFFSET + cluster * 2)) {
    const at = DATA_OFFSET + (cluster - 2) * CLUSTER;
    parts.push(image.subarray(at, at + CLUSTER));
  }
  return Buffer.concat(parts);
}

function readFile(image: Buffer, path: readonly string[]): Buffer {
  let directory = image.subarray(ROOT_OFFSET, DATA_OFFSET);
  for (const [index, name] of path.entries()) {
    const entry = entriesOf(directory).find((candidate) => candidate.name === name);
    if (entry === undefined) throw new Error(`no ${name}`);
    directory = chainOf(image, entry.cluster);
    if (index === path.length - 1) return directory.subarray(0, entry.bytes);
  }
  throw new Error('a path names a file');
}

async function isThere(program: string): Promise<boolean> {
  return (await runCommand([program, '--version'], { deadlineMs: 5000 })).outcome !== 'notStarted';
}

const hasTools = (await isThere('fsck.vfat')) && (await isThere('mcopy'));

describe('a FAT image', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fat-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('carries files of any size, under long names, at the end of any path', () => {
    const image = fatImage('config-2', TREE);
    expect(image.subarray(SECTOR - 2, SECTOR)).toEqual(Buffer.from([0x55, 0xaa]));
    expect(entriesOf(image.subarray(ROOT_OFFSET, DATA_OFFSET))[0]).toMatchObject({ name: 'config-2', attributes: 8 });
    for (const [name, content] of Object.entries(TREE.openstack.latest)) {
      expect(readFile(image, ['openstack', 'latest', name]).equals(content)).toBe(true);
    }
    expect(readFile(image, ['openstack', 'many', 'file-number-59']).toString()).toBe('59');
    expect(readFile(image, ['TOP']).toString()).toBe('1');
    expect(fatImage('config-2', TREE).equals(image)).toBe(true);
    expect(image.length).toBeLessThan(FAT_IMAGE_BYTES / 100);
  });

  it('refuses names that lead elsewhere, and more than it holds', () => {
    expect(() => fatImage('config-2', { '../a': Buffer.from('') })).toThrow('no name for a file');
    expect(() => fatImage('config-2', { a: Buffer.alloc(FAT_IMAGE_BYTES) })).toThrow('more than the disk holds');
  });

  it.skipIf(!hasTools)('is without fault for dosfstools, and read by mtools', async () => {
    const path = join(directory, 'image');
    writeFileSync(path, fatImage('config-2', TREE));
    truncateSync(path, FAT_IMAGE_BYTES);
    const options = { deadlineMs: 20_000 };
    const checked = await requireCommand(['fsck.vfat', '-n', '-v', path], options);
    expect(checked).toMatch(/: 69 files/);
    expect(checked).not.toMatch(/differ|wrong|bad|lowercase|Dirty/i);
    expect(await requireCommand(['mlabel', '-i', path, '-s', '::'], options)).toContain('config-2');
    await requireCommand(['mcopy', '-s', '-i', path, '::openstack', directory], options);
    for (const [name, content] of Object.entries(TREE.openstack.latest)) {
      expect(readFileSync(join(directory, 'openstack', 'latest', name)).equals(content)).toBe(true);
    }
    expect(readFileSync(join(directory, 'openstack', 'many', 'file-number-7'), 'utf8')).toBe('7');
  });
});
