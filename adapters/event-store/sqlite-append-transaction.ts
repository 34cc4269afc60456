import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../../application/ports/clock.ts';
import type { AppendAnswer } from '../../application/ports/event-store.ts';
import { type CheckedAppend, idTakenElsewhere } from './checked-append.ts';
import { CHAIN_START, chainHash } from './event-chain.ts';
import type { Written } from './newest-events.ts';
import { explain, isBusy, isDiskFailure } from './sqlite-failure.ts';

/** An Error is a bug of the one caller who asked for it. */
export type AppendResult = AppendAnswer | Error;

export type BatchResult =
  | { readonly outcome: 'committed'; readonly results: readonly AppendResult[]; readonly written: Written }
  /** Nothing was written; the same batch may be tried again. */
  | { readonly outcome: 'busy' }
  /** The answer for every append of the batch. */
  | { readonly outcome: 'failed'; readonly answer: AppendAnswer };

/** Of the newest event in the log: what the next one follows. */
type Head = { readonly position: number; readonly hash: string; readonly recordedAt: string };

/** Writes a batch of appends in one durable transaction; each of them by itself is written or is not. */
export class SqliteAppendTransaction {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #rollbackTo: StatementSync;
  readonly #insertAtHead: StatementSync;
  readonly #newest: StatementSync;
  readonly #lastRevision: StatementSync;
  readonly #idsFrom: StatementSync;
  /** As this process knows it. Another may have written since: the next position is then taken, and nothing written. */
  #head: Head | null = null;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#savepoint = database.prepare('SAVEPOINT append');
    this.#release = database.prepare('RELEASE append');
    this.#rollbackTo = database.prepare('ROLLBACK TO append');
    this.#insertAtHead = database.prepare(INSERT_AT_HEAD);
    this.#newest = database.prepare('SELECT position, hash, recorded_at FROM events ORDER BY position DESC LIMIT 1');
    this.#lastRevision = database.prepare('SELECT max(revision) AS revision FROM events WHERE stream = ?');
    this.#idsFrom = database.prepare(
      'SELECT id, position, revision FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?',
    );
  }

  write(batch: readonly CheckedAppend[]): BatchResult {
    const [only] = batch;
    if (batch.length === 1 && only?.events.length === 1) return this.#writeSingle(only);
    return this.#writeTogether(batch);
  }

  #writeTogether(batch: readonly CheckedAppend[]): BatchResult {
    try {
      this.#rollBackOpen();
      this.#begin.run();
    } catch (error) {
      return failed('unavailable', error);
    }
    const appends: CheckedAppend[] = [];
    let results: readonly AppendResult[];
    let before: Head;
    try {
      const now = this.#clock.now();
      // Nobody else writes before the commit.
      this.#head = before = this.#readHead();
      results = batch.map((append) => {
        const answer = this.#place(append, now);
        if (answer !== null) appends.push(append);
        return answer ?? this.#refused(append);
      });
    } catch (error) {
      this.#abandon();
      return failed('unavailable', error);
    }
    try {
      this.#commit.run();
      return {
        outcome: 'committed',
        results,
        written: { after: before.position, recordedAt: this.#head.recordedAt, appends },
      };
    } catch (error) {
      this.#abandon();
      return failed(afterCommit(error), error);
    }
  }

  // One statement is its own transaction; BEGIN and COMMIT around it would cost a tenth of the whole.
  #writeSingle(append: CheckedAppend): BatchResult {
    try {
      this.#rollBackOpen();
      const before = (this.#head ??= this.#readHead());
      const answer = this.#insertAll(append, this.#clock.now(), before);
      if (answer !== null) {
        const { recordedAt } = this.#head;
        const written = { after: before.position, recordedAt, appends: [append] };
        return { outcome: 'committed', results: [answer], written };
      }
    } catch (error) {
      this.#head = null;
      return failed(afterCommit(error), error);
    }
    // Perhaps only because another process has written: asked again while nobody can.
    return this.#writeTogether([append]);
  }

  /** Null as `insertAll`; then nothing of it is left behind. */
  #place(append: CheckedAppend, now: string): AppendAnswer | null {
    // A single insert that is refused leaves nothing behind, so only several need a savepoint.
    const several = append.events.length > 1;
    if (several) this.#savepoint.run();
    const answer = this.#insertAll(append, now, this.#head ?? this.#readHead());
    if (several && answer === null) this.#rollbackTo.run();
    if (several) this.#release.run();
    return answer;
  }

  /** Null when an event was not inserted: a head is not the expected one, the log's or the stream's, or an id is taken. */
  #insertAll(append: CheckedAppend, now: string, before: Head): AppendAnswer | null {
    const { stream } = append;
    const recordedAt = before.recordedAt > now ? before.recordedAt : now;
    let revision = append.firstRevision - 1;
    let { position, hash } = before;
    for (const event of append.events) {
      revision += 1;
      position += 1;
      hash = chainHash({ previous: hash, place: position, stream, revision, recordedAt }, event);
      const { id, type, schemaVersion, data, metadata } = event;
      const { correlationId, causationId, actor } = metadata;
      // prettier-ignore
      const { changes } = this.#insertAtHead.run(
        stream, revision, id, type, schemaVersion, data, correlationId, causationId, actor, recordedAt, position, hash,
      );
      if (changes === 0) return null;
    }
    this.#head = { position, hash, recordedAt };
    return { answer: 'appended', revision, position };
  }

  #refused(append: CheckedAppend): AppendResult {
    const there = this.#idsFrom.all(append.stream, append.firstRevision, append.events.length);
    const last = there.at(-1);
    if (last !== undefined && append.events.every(({ id }, index) => there[index]?.['id'] === id)) {
      return { answer: 'appended', revision: Number(last['revision']), position: Number(last['position']) };
    }
    const head = Number(this.#lastRevision.get(append.stream)?.['revision'] ?? -1);
    if (head === append.firstRevision - 1) return idTakenElsewhere(append);
    return { answer: 'conflict', actual: head < 0 ? 'none' : head };
  }

  #readHead(): Head {
    const { position = 0, hash = CHAIN_START, recorded_at: recordedAt = '' } = this.#newest.get() ?? {};
    return { position: Number(position), hash: String(hash), recordedAt: String(recordedAt) };
  }

  #abandon(): void {
    this.#head = null;
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

// All in one statement, since each further one costs more than this condition: the revision is NULL, which the column
// refuses, when the stream has no event before it. OR IGNORE makes that refusal, and those of a position, a revision or
// an id which is taken, an answer (no row) instead of an exception.
const INSERT_AT_HEAD = `
  INSERT OR IGNORE INTO events
    (stream, revision, id, type, schema_version, data, correlation_id, causation_id, actor, recorded_at, position, hash)
  VALUES (
    ?1,
    CASE WHEN ?2 = 0 OR EXISTS (SELECT 1 FROM events WHERE stream = ?1 AND revision = ?2 - 1) THEN ?2 END,
    ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
  )`;

/** After a failed fsync the commit may still be found in the file when it is opened again. */
const afterCommit = (error: unknown): 'unknown' | 'unavailable' => (isDiskFailure(error) ? 'unknown' : 'unavailable');

const failed = (answer: 'unavailable' | 'unknown', error: unknown): BatchResult =>
  isBusy(error) ? { outcome: 'busy' } : { outcome: 'failed', answer: { answer, reason: explain(error) } };
