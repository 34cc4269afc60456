import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INSPECTED_HEADER_BYTES, inspectImage } from '../../../adapters/images/image-format-inspection.ts';
import type { DiskFormat } from '../../../application/ports/image-service.ts';
import {
  gptImage,
  isoImage,
  kernelImage,
  mbrImage,
  qcow2Image,
  ramdiskImage,
  rawImage,
  SAMPLE_DISK_BYTES,
  vmdkDescriptor,
} from '../../support/sample-images.ts';

const FORMATS: readonly DiskFormat[] = ['raw', 'qcow2', 'iso', 'aki', 'ari', 'ami'];

const inspect = (format: DiskFormat, content: Uint8Array) =>
  inspectImage(format, content.subarray(0, INSPECTED_HEADER_BYTES), content.byteLength);

const contents: Readonly<Record<string, Buffer>> = {
  raw: rawImage(),
  mbr: mbrImage(),
  gpt: gptImage(),
  iso: isoImage(),
  hybridIso: Buffer.concat([mbrImage().subarray(0, 512), isoImage().subarray(512)]),
  kernel: kernelImage(),
  ramdisk: ramdiskImage(),
  bootSectorCode: edited(Buffer.alloc(4096, 0x90), (image) => image.writeUInt16LE(0xaa55, 510)),
  qcow2Version2: qcow2Image(2),
  qcow2Version3: qcow2Image(3),
  qcow1: edited(qcow2Image(), (image) => image.writeUInt32BE(1, 4)),
  qed: withMagic('QED\0'),
  vmdkSparse: withMagic('KDMV'),
  vmdkEsx: withMagic('COWD'),
  vmdkDescriptor: vmdkDescriptor('/etc/shadow'),
  vmdkBehindComments: Buffer.from('# harmless\n\n#notes\nversion=3\nRW 1 FLAT "/etc/shadow" 0\n'),
  vhd: withMagic('conectix'),
  vhdx: withMagic('vhdxfile'),
  vdi: withMagic('\u007f\u0010\u00da\u00be', 64),
  luks: withMagic('LUKS\u00ba\u00be'),
  parallels: withMagic('WithouFreSpacExt'),
  bochs: withMagic('Bochs Virtual HD Image'),
  cloop: withMagic('#!/bin/sh\n#V2.0 Format\n'),
  qcow2AndIso: Buffer.concat([qcow2Image(), isoImage().subarray(2048)]),
};

/** Written by hand: everything that may be declared as each format. All other pairs are refused. */
const ALLOWED: Readonly<Record<DiskFormat, readonly string[]>> = {
  raw: ['raw', 'mbr', 'gpt', 'kernel', 'ramdisk', 'bootSectorCode'],
  ami: ['raw', 'mbr', 'gpt', 'kernel', 'ramdisk', 'bootSectorCode'],
  qcow2: ['qcow2Version2', 'qcow2Version3'],
  iso: ['iso', 'hybridIso'],
  aki: ['raw', 'kernel', 'ramdisk', 'bootSectorCode'],
  ari: ['raw', 'kernel', 'ramdisk', 'bootSectorCode'],
};

describe('what content may be declared as which format', () => {
  const table = FORMATS.flatMap((format) =>
    Object.keys(contents).map((name) => ({ format, name, allowed: ALLOWED[format].includes(name) })),
  );
  it.each(table)('$name declared $format: allowed is $allowed', ({ format, name, allowed }) => {
    expect(inspect(format, contents[name] ?? Buffer.alloc(0)).safe).toBe(allowed);
  });

  it('names the format found', () => {
    expect(inspect('raw', qcow2Image())).toEqual({
      safe: false,
      reason: 'is declared raw but its content is also qcow2',
    });
    expect(inspect('qcow2', rawImage())).toEqual({
      safe: false,
      reason: 'is declared qcow2 but its content is something else',
    });
  });

  it('tells the size a guest will see', () => {
    expect(inspect('raw', rawImage(4096))).toEqual({ safe: true, virtualSizeBytes: 4096 });
    expect(inspect('qcow2', qcow2Image())).toEqual({ safe: true, virtualSizeBytes: SAMPLE_DISK_BYTES });
    expect(inspect('aki', kernelImage())).toEqual({ safe: true, virtualSizeBytes: null });
  });
});

describe('a header that is not all there', () => {
  it.each([0, -1, Number.NaN, 1.5])('refuses a size of %d', (sizeBytes) => {
    expect(inspectImage('raw', Buffer.alloc(0), sizeBytes).safe).toBe(false);
  });

  it('refuses an image of which less was read than there is', () => {
    expect(inspectImage('raw', rawImage(INSPECTED_HEADER_BYTES - 1), INSPECTED_HEADER_BYTES).safe).toBe(false);
    expect(inspectImage('raw', rawImage(101), 100).safe).toBe(false);
  });
});

describe('qcow2 headers that are refused', () => {
  const cases: readonly (readonly [what: string, reason: string, edit: (image: Buffer) => void])[] = [
    ['a backing file', 'backing file', (image) => image.writeBigUInt64BE(0x200n, 8)],
    ['a backing file name alone', 'backing file', (image) => image.writeUInt32BE(11, 16)],
    ['the external data file bit', 'external data file', (image) => image.writeBigUInt64BE(4n, 72)],
    ['the external data file extension', 'external data file', (image) => extension(image, 0x4441_5441, 5)],
    ['encryption', 'encrypted', (image) => image.writeUInt32BE(2, 32)],
    ['an encryption header extension', 'encrypted', (image) => extension(image, 0x0537_be77, 16)],
    ['the corrupt bit', 'corrupt', (image) => image.writeBigUInt64BE(2n, 72)],
    ['an unknown feature', 'unknown', (image) => image.writeBigUInt64BE(1n << 5n, 72)],
    ['an unknown feature in the highest bit', 'unknown', (image) => image.writeBigUInt64BE(1n << 63n, 72)],
    ['version 4', 'version 4', (image) => image.writeUInt32BE(4, 4)],
    ['clusters of 256 bytes', 'cluster size', (image) => image.writeUInt32BE(8, 20)],
    ['clusters of 4 MiB', 'cluster size', (image) => image.writeUInt32BE(22, 20)],
    ['an exabyte', 'virtual size', (image) => image.writeBigUInt64BE(1n << 60n, 24)],
    ['an L1 table too small', 'L1 table', (image) => image.writeUInt32BE(1, 36)],
    ['an L1 table too large', 'L1 table', (image) => image.writeUInt32BE(0xffff_ffff, 36)],
    ['an L1 table outside the file', 'outside the file', (image) => image.writeBigUInt64BE(1n << 40n, 40)],
    ['an L1 table between clusters', 'not on a cluster', (image) => image.writeBigUInt64BE(1537n, 40)],
    ['no reference counts', 'reference count', (image) => image.writeUInt32BE(0, 56)],
    ['reference counts of 2^40 bits', 'reference count', (image) => image.writeUInt32BE(40, 96)],
    ['a million snapshots', 'snapshots', (image) => image.writeUInt32BE(1_000_000, 60)],
    ['a header longer than its cluster', 'header length', (image) => image.writeUInt32BE(513, 100)],
    ['a header shorter than its fields', 'header length', (image) => image.writeUInt32BE(72, 100)],
    ['an extension longer than its cluster', 'longer than its cluster', (image) => extension(image, 0x6803_f857, 4096)],
  ];
  it.each(cases)('%s', (_what, reason, edit) => {
    expect(inspect('qcow2', edited(qcow2Image(), edit))).toEqual({
      safe: false,
      reason: expect.stringContaining(reason),
    });
  });

  it('finds a data file extension behind a harmless one', () => {
    const image = edited(qcow2Image(), (content) => {
      content.writeUInt32BE(0x6803_f857, 104);
      content.writeUInt32BE(9, 108);
      content.writeUInt32BE(0x4441_5441, 128);
    });
    expect(inspect('qcow2', image).safe).toBe(false);
  });

  it('refuses extensions that go on behind what is inspected', () => {
    const image = Buffer.concat([qcow2Image(), Buffer.alloc(8 * 1024 * 1024)]);
    image.writeUInt32BE(21, 20);
    image.writeBigUInt64BE(2n << 20n, 40);
    image.writeBigUInt64BE(2n << 20n, 48);
    extension(image, 0x6803_f857, 100_000);
    expect(inspect('qcow2', image)).toEqual({
      safe: false,
      reason: expect.stringContaining('beyond the inspected bytes'),
    });
  });

  it('refuses a file that ends inside its header', () => {
    for (const bytes of [5, 71, 103]) expect(inspect('qcow2', qcow2Image().subarray(0, bytes)).safe).toBe(false);
  });
});

describe('properties', () => {
  const anyFormat = fc.constantFrom(...FORMATS);

  it('answers for any bytes whatever, with any signature in front', () => {
    const magic = fc.constantFrom(
      '',
      'QFI\u00fb',
      'QFI\u00fb\0\0\0\u0002',
      'QFI\u00fb\0\0\0\u0003',
      '# Disk DescriptorFile',
      'KDMV',
      'QED\0',
    );
    const header = fc
      .tuple(magic, fc.uint8Array({ maxLength: 600 }), fc.nat({ max: 3000 }))
      .map(([text, bytes, padding]) => Buffer.concat([Buffer.from(text, 'latin1'), bytes, Buffer.alloc(padding)]));
    fc.assert(
      fc.property(anyFormat, header, fc.oneof(fc.constant(null), fc.double()), (format, content, size) => {
        expect(typeof inspectImage(format, content, size ?? content.byteLength).safe).toBe('boolean');
      }),
    );
  });

  it('finds a backing file wherever its name is said to be', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(2 as const, 3 as const),
        fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }),
        (version, offset) => {
          const image = edited(qcow2Image(version), (content) => content.writeBigUInt64BE(offset, 8));
          expect(inspect('qcow2', image).safe).toBe(false);
        },
      ),
    );
  });

  it('takes no known magic for raw, a kernel or a ramdisk, whatever follows it', () => {
    const magic = fc.constantFrom('QFI\u00fb', 'QED\0', 'KDMV', 'COWD', 'conectix', 'vhdxfile', 'LUKS\u00ba\u00be');
    fc.assert(
      fc.property(
        fc.constantFrom<DiskFormat>('raw', 'ami', 'aki', 'ari'),
        magic,
        fc.uint8Array(),
        (format, text, rest) => {
          expect(inspect(format, Buffer.concat([Buffer.from(text, 'latin1'), rest])).safe).toBe(false);
        },
      ),
    );
  });
});

function edited(image: Buffer, edit: (image: Buffer) => void): Buffer {
  edit(image);
  return image;
}

function withMagic(magic: string, offset = 0): Buffer {
  return edited(Buffer.alloc(4096), (image) => image.write(magic, offset, 'latin1'));
}

function extension(image: Buffer, type: number, bytes: number): void {
  image.writeUInt32BE(type, 104);
  image.writeUInt32BE(bytes, 108);
}
