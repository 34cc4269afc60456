import { describe, expect, it } from 'vitest';
import type { MigrationInProgressAnswer } from '../support/compute-answers.ts';
import { TransferMeter } from './transfer-meter.ts';

const MEMORY = 128;

/** What libvirt 9 told of one migration, in MiB: disks first, then the memory, at last without the disks. */
const TOLD: readonly (readonly [memory: number | null, memoryLeft: number | null, disk: number, diskLeft: number])[] = [
  [null, null, 0, 0],
  [0, 0, 64, 48],
  [0, 0, 64, 4],
  [128, 66, 64, 0],
  [128, 0, 64, 0],
  [88, 0, 0, 0],
];

describe('the meter of a transfer', () => {
  it('counts memory and disks as one amount, although libvirt tells of them one after the other', () => {
    const meter = new TransferMeter(MEMORY);
    expect(TOLD.map((told) => meter.read(row(...told)))).toEqual([
      null,
      { done: 16, total: 192 },
      { done: 60, total: 192 },
      { done: 126, total: 192 },
      { done: 192, total: 192 },
      { done: 192, total: 192 },
    ]);
  });

  it('stays where it is once the migration is no longer in progress', () => {
    const meter = new TransferMeter(MEMORY);
    meter.read(row(128, 66, 64, 0));
    expect(meter.read(undefined)).toEqual({ done: 126, total: 192 });
  });
});

function row(
  memory: number | null,
  memoryLeft: number | null,
  disk: number,
  diskLeft: number,
): MigrationInProgressAnswer {
  return {
    id: 1,
    uuid: '8f4c3c5e-6d0b-4b53-9d9c-0c1a0a3f3f10',
    status: 'running',
    source_compute: 'lab-a',
    dest_compute: 'lab-b',
    memory_total_bytes: memory,
    memory_remaining_bytes: memoryLeft,
    disk_total_bytes: disk,
    disk_remaining_bytes: diskLeft,
  };
}
