import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../../application/ports/clock.ts';
import type { AppendAnswer } from '../../application/ports/event-store.ts';
import { type CheckedAppend, idTakenElsewhere } from './checked-append.ts';
import { explain, isBusy, isDiskFailure, isUniqueViolation } from './sqlite-failure.ts';

/** An Error is a bug of the one caller who asked for it. */
export type AppendResult = AppendAnswer | Error;

export type BatchResult =
  | { readonly outcome: 'committed'; readonly results: readonly AppendResult[] }
  /** Nothing was begun; the same batch may be tried again. */
  | { readonly outcome: 'busy' }
  /** The answer for every append of the batch. */
  | { readonly outcome: 'failed'; readonly answer: AppendAnswer };

/** Writes a batch of appends in one durable transaction; each of them by itself is written or is not. */
export class SqliteAppendTransaction {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #rollbackTo: StatementSync;
  readonly #head: StatementSync;
  readonly #lastRecordedAt: StatementSync;
  readonly #idsFrom: StatementSync;
  readonly #insert: StatementSync;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#savepoint = database.prepare('SAVEPOINT append');
    this.#release = database.prepare('RELEASE append');
    this.#rollbackTo = database.prepare('ROLLBACK TO append');
    this.#head = database.prepare('SELECT revision FROM events WHERE stream = ? ORDER BY revision DESC LIMIT 1');
    this.#lastRecordedAt = database.prepare('SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1');
    this.#idsFrom = database.prepare(
      'SELECT id, position, revision FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?',
    );
    this.#insert = database.prepare(
      `INSERT INTO events (stream, revision, id, type, schema_version, data, correlation_id, causation_id, actor,
        recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  write(batch: readonly CheckedAppend[]): BatchResult {
    try {
      this.#rollBackOpen();
      this.#begin.run();
    } catch (error) {
      return isBusy(error) ? { outcome: 'busy' } : failed('unavailable', error);
    }
    let results: readonly AppendResult[];
    try {
      const recordedAt = this.#nextRecordedAt();
      results = batch.map((append) => this.#place(append, recordedAt));
    } catch (error) {
      this.#abandon();
      return failed('unavailable', error);
    }
    try {
      this.#commit.run();
      return { outcome: 'committed', results };
    } catch (error) {
      this.#abandon();
      // After a failed fsync the commit may still be found in the file when it is opened again.
      return failed(isDiskFailure(error) ? 'unknown' : 'unavailable', error);
    }
  }

  #place(append: CheckedAppend, recordedAt: string): AppendResult {
    const head = Number(this.#head.get(append.stream)?.['revision'] ?? -1);
    if (append.firstRevision !== head + 1) return this.#repeated(append, head);
    // A single insert that fails leaves nothing behind, so only several need a savepoint.
    if (append.events.length > 1) this.#savepoint.run();
    try {
      const answer = this.#insertAll(append, recordedAt);
      if (append.events.length > 1) this.#release.run();
      return answer;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      if (append.events.length > 1) {
        this.#rollbackTo.run();
        this.#release.run();
      }
      return idTakenElsewhere(append);
    }
  }

  #insertAll(append: CheckedAppend, recordedAt: string): AppendAnswer {
    let revision = append.firstRevision - 1;
    let position = 0;
    for (const { id, type, schemaVersion, data, metadata } of append.events) {
      revision += 1;
      const { correlationId, causationId, actor } = metadata;
      // prettier-ignore
      const { lastInsertRowid } = this.#insert.run(
        append.stream, revision, id, type, schemaVersion, data, correlationId, causationId, actor, recordedAt,
      );
      position = Number(lastInsertRowid);
    }
    return { answer: 'appended', revision, position };
  }

  #repeated(append: CheckedAppend, head: number): AppendAnswer {
    const there = this.#idsFrom.all(append.stream, append.firstRevision, append.events.length);
    const last = there.at(-1);
    if (last !== undefined && append.events.every(({ id }, index) => there[index]?.['id'] === id)) {
      return { answer: 'appended', revision: Number(last['revision']), position: Number(last['position']) };
    }
    return { answer: 'conflict', actual: head < 0 ? 'none' : head };
  }

  #nextRecordedAt(): string {
    const now: string = this.#clock.now();
    const before = String(this.#lastRecordedAt.get()?.['recorded_at'] ?? now);
    return before > now ? before : now;
  }

  #abandon(): void {
    try {
      this.#rollBackOpen();
    } catch {
      // The failure that led here is the one to tell. The next batch tries again and tells this one.
    }
  }

  /** SQLite has rolled back by itself after some failures and not after others. */
  #rollBackOpen(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }
}

const failed = (answer: 'unavailable' | 'unknown', error: unknown): BatchResult => ({
  outcome: 'failed',
  answer: { answer, reason: explain(error) },
});
