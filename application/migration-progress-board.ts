import type { MigrationId } from '../domain/shared/ids.ts';
import type { MigrationProgress } from './ports/hypervisor-driver.ts';

/** The running transfers' byte counters. Not events: they are worthless a second later. */
export class MigrationProgressBoard {
  readonly #progress = new Map<MigrationId, MigrationProgress>();

  report(migration: MigrationId, progress: MigrationProgress): void {
    this.#progress.set(migration, progress);
  }

  forget(migration: MigrationId): void {
    this.#progress.delete(migration);
  }

  /** Null before the first report and after the transfer has ended. */
  of(migration: MigrationId): MigrationProgress | null {
    return this.#progress.get(migration) ?? null;
  }
}
