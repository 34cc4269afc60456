import type { MigrationInProgressAnswer } from '../support/compute-answers.ts';

type TransferredBytes = { readonly done: number; readonly total: number };

/**
 * Memory and disks of one migration as one amount that never goes back. libvirt tells the memory's size only after the
 * disks have been copied, and forgets the disks once it has finished.
 */
export class TransferMeter {
  readonly #memoryBytes: number;
  #diskBytes = 0;
  #done = 0;

  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes;
  }

  /** Null while the hypervisor has said nothing. */
  read(row: MigrationInProgressAnswer | undefined): TransferredBytes | null {
    if (row !== undefined) this.#take(row);
    const total = this.#memoryBytes + this.#diskBytes;
    return this.#done === 0 ? null : { done: Math.min(this.#done, total), total };
  }

  #take(row: MigrationInProgressAnswer): void {
    // What remains is subtracted, because pages of zeroes are finished without being processed.
    const memoryTotal = row.memory_total_bytes ?? 0;
    const memoryDone = memoryTotal === 0 ? 0 : Math.max(0, this.#memoryBytes - (row.memory_remaining_bytes ?? 0));
    const diskTotal = row.disk_total_bytes ?? 0;
    this.#diskBytes = Math.max(this.#diskBytes, diskTotal);
    const diskDone = diskTotal === 0 ? 0 : this.#diskBytes - (row.disk_remaining_bytes ?? 0);
    this.#done = Math.max(this.#done, memoryDone + diskDone);
  }
}
