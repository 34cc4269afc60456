import type { MigrationId } from '../domain/shared/ids.ts';
import type { MigrationProgress } from './ports/hypervisor-driver.ts';

/** The running transfers' byte counters. Not events: they are worthless a second later. */
export class MigrationProgressBoard {
  readonly #own = new Map<MigrationId, MigrationProgress>();
  #others: ReadonlyMap<string, MigrationProgress> = new Map();

  report(migration: MigrationId, progress: MigrationProgress): void {
    this.#own.set(migration, progress);
  }

  forget(migration: MigrationId): void {
    this.#own.delete(migration);
  }

  /** What other processes have said last of the transfers that they drive; replaces what was heard before. */
  hear(progress: ReadonlyMap<string, MigrationProgress>): void {
    this.#others = progress;
  }

  /** Of every transfer that this process drives, for other processes. */
  own(): Readonly<Record<MigrationId, MigrationProgress>> {
    return Object.fromEntries(this.#own);
  }

  /** Null before the first report and after the transfer has ended. */
  of(migration: MigrationId): MigrationProgress | null {
    return this.#own.get(migration) ?? this.#others.get(migration) ?? null;
  }
}
