import { describe, expect, it } from 'vitest';
import { CopiedBytes } from '../../application/copied-bytes.ts';
import type { MigrationProgress, SourceFacts } from '../../application/ports/hypervisor-driver.ts';

const MIB = 1_048_576;
const FACTS: SourceFacts = {
  disks: [{ fileName: 'disk', targetDevice: 'vda', format: 'raw', capacityBytes: 100 }],
  files: [
    { name: 'disk.eph0', sizeBytes: 40, allocatedBytes: 4, inUse: false },
    { name: 'disk.config', sizeBytes: 10, allocatedBytes: 10, inUse: true },
  ],
  pooledDisks: [],
  sharedDirectory: false,
  memoryMiB: 1,
  definition: '',
};
const DRIVER: MigrationProgress = {
  memoryTotalBytes: MIB,
  memoryProcessedBytes: 5,
  memoryRemainingBytes: MIB - 5,
  diskTotalBytes: 100,
  diskProcessedBytes: 60,
  diskRemainingBytes: 40,
};

async function* chunks(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield new Uint8Array(size);
}

async function consume(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) expect(chunk.length).toBeGreaterThan(0);
}

describe('the bytes of a migration', () => {
  it('are one sum of what is block-copied and what is copied as it is, from the first file to the last block', async () => {
    const told: MigrationProgress[] = [];
    const copied = new CopiedBytes(FACTS, (progress) => told.push(progress));
    copied.arrived(['disk.config', 'kernel']);
    expect(told.at(-1)).toMatchObject({ diskTotalBytes: 150, diskProcessedBytes: 10, memoryRemainingBytes: MIB });
    await consume(copied.counted('disk.eph0', { sizeBytes: 40, sha256: null, bytes: chunks(30, 10) }).bytes);
    expect(told.map(({ diskProcessedBytes }) => diskProcessedBytes)).toEqual([10, 40, 50]);
    copied.driverSays(DRIVER);
    expect(told.at(-1)).toEqual({ ...DRIVER, diskTotalBytes: 150, diskProcessedBytes: 110, diskRemainingBytes: 40 });
    for (const { diskTotalBytes, diskProcessedBytes, diskRemainingBytes } of told) {
      expect(diskProcessedBytes + diskRemainingBytes).toBe(diskTotalBytes);
    }
  });

  it('never become fewer where libvirt says nothing yet of the memory, or nothing any more of the disks', () => {
    const told: MigrationProgress[] = [];
    const copied = new CopiedBytes(FACTS, (progress) => told.push(progress));
    const nothing = { memoryTotalBytes: 0, memoryProcessedBytes: 0, memoryRemainingBytes: 0 };
    const noDisks = { diskTotalBytes: 0, diskProcessedBytes: 0, diskRemainingBytes: 0 };
    copied.arrived(['disk.config', 'disk.eph0']);
    copied.driverSays({ ...nothing, ...noDisks });
    copied.driverSays({ ...DRIVER, ...nothing });
    copied.driverSays({ ...DRIVER, ...noDisks });
    copied.driverSays({ ...DRIVER, ...noDisks, memoryProcessedBytes: MIB, memoryRemainingBytes: 0 });
    copied.driverSays({ ...nothing, ...noDisks });
    expect(told.map((now) => now.memoryTotalBytes + now.diskTotalBytes)).toEqual(Array(6).fill(MIB + 150));
    const left = told.map((now) => now.memoryRemainingBytes + now.diskRemainingBytes);
    expect(copied.diskTotalBytes).toBe(150);
    expect(left).toEqual([MIB + 100, MIB + 100, MIB + 40, MIB - 5, 0, 0]);
  });

  it('are none of the disks where both hosts have the directory', () => {
    const told: MigrationProgress[] = [];
    new CopiedBytes({ ...FACTS, files: [], sharedDirectory: true }, (progress) => told.push(progress)).arrived([]);
    expect(told.at(-1)).toMatchObject({ memoryRemainingBytes: MIB, diskTotalBytes: 0, diskRemainingBytes: 0 });
  });

  it('do not count what the source did not tell of', async () => {
    const told: MigrationProgress[] = [];
    const copied = new CopiedBytes(FACTS, (progress) => told.push(progress));
    await consume(copied.counted('kernel', { sizeBytes: 7, sha256: null, bytes: chunks(7) }).bytes);
    expect(told).toEqual([]);
  });
});
