import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Image } from '../../application/ports/image-service.ts';
import { imageId } from '../../domain/shared/ids.ts';

/** Tiny images that the real tools accept, for tests that move, inspect or boot from one. */

const SECTOR_BYTES = 512;
export const SAMPLE_DISK_BYTES = 1024 * 1024;

/** Disk content without any signature: bytes that differ, so a swapped or lost piece changes the hash. */
export function rawImage(sizeBytes = SAMPLE_DISK_BYTES): Buffer {
  return Buffer.from(
    Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 31 + Math.floor(index / 256)) % 251),
  );
}

/** A disk with one active Linux partition in an MBR. */
export function mbrImage(): Buffer {
  const image = Buffer.alloc(64 * SECTOR_BYTES);
  writePartition(image, { status: 0x80, type: 0x83, firstSector: 8, sectors: 56 });
  return image;
}

/** A disk with a GPT header behind its protective MBR. */
export function gptImage(): Buffer {
  const image = Buffer.alloc(128 * SECTOR_BYTES);
  writePartition(image, { status: 0, type: 0xee, firstSector: 1, sectors: 127 });
  image.write('EFI PART', SECTOR_BYTES, 'latin1');
  image.writeUInt32LE(0x1_0000, SECTOR_BYTES + 8);
  return image;
}

/** ISO 9660: a primary volume descriptor and the terminator, behind the empty system area. */
export function isoImage(): Buffer {
  const image = Buffer.alloc(20 * 2048);
  image.write('\u0001CD001\u0001', 16 * 2048, 'latin1');
  image.write('\u00ffCD001\u0001', 17 * 2048, 'latin1');
  return image;
}

/** An x86 boot sector and setup header as in bzImage; it has the MBR's boot signature, which must not confuse. */
export function kernelImage(): Buffer {
  const image = Buffer.alloc(8 * SECTOR_BYTES);
  image.write('MZ', 0, 'latin1');
  image.writeUInt16LE(0xaa55, 510);
  image.write('HdrS', 514, 'latin1');
  return image;
}

/** A gzipped cpio archive with nothing in it. */
export function ramdiskImage(): Buffer {
  const trailer = 'TRAILER!!!\0';
  const fields = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, trailer.length, 0].map((value) =>
    value.toString(16).padStart(8, '0'),
  );
  return gzipSync(Buffer.from(`070701${fields.join('')}${trailer}\0\0\0`, 'latin1'));
}

/** An empty disk of one MiB with 512-byte clusters: header, reference count table and block, L1 table. */
export function qcow2Image(version: 2 | 3 = 3): Buffer {
  const cluster = 512;
  const image = Buffer.alloc(4 * cluster);
  image.write('QFI\u00fb', 0, 'latin1');
  image.writeUInt32BE(version, 4);
  image.writeUInt32BE(9, 20);
  image.writeBigUInt64BE(BigInt(SAMPLE_DISK_BYTES), 24);
  image.writeUInt32BE(SAMPLE_DISK_BYTES / (cluster * (cluster / 8)), 36);
  image.writeBigUInt64BE(BigInt(3 * cluster), 40);
  image.writeBigUInt64BE(BigInt(cluster), 48);
  image.writeUInt32BE(1, 56);
  if (version === 3) {
    image.writeUInt32BE(4, 96);
    image.writeUInt32BE(104, 100);
  }
  image.writeBigUInt64BE(BigInt(2 * cluster), cluster);
  for (let index = 0; index < 4; index += 1) image.writeUInt16BE(1, 2 * cluster + 2 * index);
  return image;
}

/** A VMDK descriptor whose extent is a file of the author's choosing. */
export function vmdkDescriptor(extentPath: string): Buffer {
  const lines = [
    '# Disk DescriptorFile',
    'version=1',
    'CID=fffffffe',
    'parentCID=ffffffff',
    'createType="monolithicFlat"',
  ];
  return Buffer.from([...lines, `RW 2048 FLAT "${extentPath}" 0`, ''].join('\n'));
}

export function sha256Of(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** An active raw image that describes `data`; `overrides` replace what a test is about. */
export function sampleImage(data: Uint8Array, overrides: Partial<Image> = {}): Image {
  return {
    id: imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000001'),
    name: 'rescue',
    status: 'active',
    diskFormat: 'raw',
    containerFormat: 'bare',
    sizeBytes: data.byteLength,
    sha256: sha256Of(data),
    minDiskGiB: 1,
    minRamMiB: 64,
    visibility: 'public',
    createdAt: '2026-01-02T03:04:05Z',
    updatedAt: '2026-01-02T03:04:05Z',
    properties: { hw_rescue_bus: 'virtio', os_type: 'linux' },
    ...overrides,
  };
}

type Partition = {
  readonly status: number;
  readonly type: number;
  readonly firstSector: number;
  readonly sectors: number;
};

function writePartition(image: Buffer, partition: Partition): void {
  image[446] = partition.status;
  image[450] = partition.type;
  image.writeUInt32LE(partition.firstSector, 454);
  image.writeUInt32LE(partition.sectors, 458);
  image.writeUInt16LE(0xaa55, 510);
}
