import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CHAIN_START, logHash } from './event-chain.ts';
import type { LogEntry } from './log-entry.ts';
import { fileOf, storeUnavailable } from './sqlite-failure.ts';
import { entriesOf, LOG_ENTRY_COLUMNS } from './sqlite-log-entry.ts';
import { LOG_PAGE_ENTRIES, type LogTarget } from './stored-log.ts';

/** An SQLite file as it is. A copy to it is one transaction. Takes over the database and closes it. */
export class SqliteStoredLog implements LogTarget {
  readonly chain = 'log';
  readonly halfway = 'nothing stays';
  readonly #database: DatabaseSync;
  readonly #page: StatementSync;
  readonly #insert: StatementSync;
  /** Of the newest event, while a copy is written. */
  #position = 0;
  #hash = CHAIN_START;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#page = database.prepare(
      `SELECT ${LOG_ENTRY_COLUMNS}, hash FROM events WHERE position > ? ORDER BY position LIMIT ${LOG_PAGE_ENTRIES}`,
    );
    this.#page.setReturnArrays(true);
    this.#insert = database.prepare(
      `INSERT INTO events (${LOG_ENTRY_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  async count(): Promise<number> {
    return Number(this.#told(() => this.#database.prepare('SELECT count(*) AS events FROM events').get())?.['events']);
  }

  async *pages(): AsyncGenerator<readonly LogEntry[], void, void> {
    for (let after = Number.MIN_SAFE_INTEGER; ;) {
      const page = this.#told(() => entriesOf(this.#page.all(after)));
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      after = last.position;
    }
  }

  async write(entries: readonly LogEntry[]): Promise<void> {
    this.#told(() => {
      if (!this.#database.isTransaction) this.#begin();
      for (const entry of entries) this.#write(entry);
    });
  }

  async commit(): Promise<void> {
    this.#told(() => {
      if (this.#database.isTransaction) this.#database.exec('COMMIT');
    });
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  /** Nobody else writes from here to the commit. */
  #begin(): void {
    this.#database.exec('BEGIN IMMEDIATE');
    const newest = this.#database.prepare('SELECT position, hash FROM events ORDER BY position DESC LIMIT 1').get();
    this.#position = Number(newest?.['position'] ?? 0);
    this.#hash = String(newest?.['hash'] ?? CHAIN_START);
  }

  #write(entry: LogEntry): void {
    const { stream, revision, id, type, schemaVersion, data, metadata, recordedAt } = entry;
    const { correlationId, causationId, actor } = metadata;
    this.#position += 1;
    this.#hash = logHash(this.#hash, this.#position, entry);
    // prettier-ignore
    this.#insert.run(
      this.#position, stream, revision, id, type, schemaVersion, data, correlationId, causationId, actor, recordedAt,
      this.#hash,
    );
  }

  #told<Result>(query: () => Result): Result {
    try {
      return query();
    } catch (error) {
      throw storeUnavailable(error, fileOf(this.#database));
    }
  }
}
