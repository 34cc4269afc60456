import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../application/ports/clock.ts';
import {
  type AppendAnswer,
  type EventStore,
  EventUnreadable,
  type ExpectedRevision,
  type NewEvent,
  type RecordedEvent,
  StoreUnavailable,
  type StreamName,
} from '../../application/ports/event-store.ts';
import { type CheckedAppend, checkAppend } from './checked-append.ts';
import { BUSY_ATTEMPTS_MAX } from './open-sqlite-database.ts';
import { NewestEvents } from './newest-events.ts';
import { checkReadFrom, checkReadLimit } from './read-bounds.ts';
import { SqliteAppendQueue } from './sqlite-append-queue.ts';
import { type BatchResult, SqliteAppendTransaction } from './sqlite-append-transaction.ts';
import { SqliteEventReader } from './sqlite-event-reader.ts';
import { fileOf, isBusy, storeUnavailable } from './sqlite-failure.ts';
import { subscription } from './subscription.ts';
import { WakeUps } from './wake-ups.ts';

/** How often a waiting subscription looks for what other processes have appended. */
export const DATA_VERSION_POLL_MS = 100;

/**
 * One SQLite file, for any number of processes on one machine. Takes over the database that `openSqliteDatabase` has
 * prepared and closes it.
 */
export class SqliteEventStore implements EventStore {
  readonly #database: DatabaseSync;
  readonly #reader: SqliteEventReader;
  readonly #transaction: SqliteAppendTransaction;
  readonly #queue: SqliteAppendQueue;
  readonly #wakeUps = new WakeUps();
  #seenDataVersion: number;
  readonly #newest = new NewestEvents();
  #poll: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#reader = new SqliteEventReader(database);
    this.#transaction = new SqliteAppendTransaction(database, clock);
    this.#queue = new SqliteAppendQueue((batch) => this.#write(batch));
    this.#seenDataVersion = this.#reader.dataVersion();
  }

  async append(stream: StreamName, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendAnswer> {
    const append = checkAppend(stream, expected, events);
    if (this.#closed) return { answer: 'unavailable', reason: CLOSED };
    const answer = this.#queue.add(append);
    // Awaited here: to return the promise would take two more turns of the microtask queue.
    return answer instanceof Promise ? await answer : answer;
  }

  async readStream(stream: StreamName, from = 0): Promise<readonly RecordedEvent[]> {
    checkReadFrom(from);
    return this.#read(() => this.#reader.ofStream(stream, from));
  }

  async readAll(after: number, limit: number): Promise<readonly RecordedEvent[]> {
    checkReadLimit(limit);
    checkReadFrom(after);
    return this.#read(() => this.#reader.after(after, limit));
  }

  subscribe(after: number, signal: AbortSignal): AsyncIterable<RecordedEvent> {
    const readPage = (position: number, limit: number): readonly RecordedEvent[] => {
      checkReadFrom(position);
      return this.#read(() => this.#newest.after(position) ?? this.#reader.after(position, limit));
    };
    return subscription({ readPage, waitForMore: (until) => this.#waitForMore(until) }, after, signal);
  }

  /** Answers every append that was asked before, then closes the file. Subscriptions throw StoreUnavailable. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue.settled();
    this.#stopPolling();
    if (this.#database.isOpen) this.#database.close();
    this.#wakeUps.wakeAll();
  }

  #write(batch: readonly CheckedAppend[]): BatchResult {
    const result = this.#transaction.write(batch);
    if (result.outcome !== 'committed') return result;
    this.#newest.write(this.#wakeUps.waiting > 0 ? result.written : null);
    this.#wakeUps.wakeAll();
    return result;
  }

  // A reader in WAL mode waits for nobody, except for the moment in which another process mends the log after a crash.
  #read(read: () => readonly RecordedEvent[]): readonly RecordedEvent[] {
    for (let attempt = 1; ; attempt += 1) {
      if (this.#closed) throw new StoreUnavailable(CLOSED);
      try {
        return read();
      } catch (error) {
        if (error instanceof EventUnreadable) throw error;
        if (!isBusy(error) || attempt === BUSY_ATTEMPTS_MAX) throw storeUnavailable(error, fileOf(this.#database));
      }
    }
  }

  async #waitForMore(signal: AbortSignal): Promise<void> {
    const woken = this.#wakeUps.wait(signal);
    // Real time, not the Clock port's: other processes know no simulated time.
    this.#poll ??= setInterval(() => this.#wakeForOthers(), DATA_VERSION_POLL_MS);
    await woken;
  }

  // The version last seen is from before every waiting reader's last page, so a commit after that page differs from it.
  #wakeForOthers(): void {
    if (this.#wakeUps.waiting === 0) return this.#stopPolling();
    try {
      const version = this.#reader.dataVersion();
      if (version === this.#seenDataVersion) return;
      this.#seenDataVersion = version;
    } catch {
      // The woken read the file themselves and tell their callers what is wrong with it.
    }
    this.#newest.othersWrote();
    this.#wakeUps.wakeAll();
  }

  #stopPolling(): void {
    if (this.#poll !== null) clearInterval(this.#poll);
    this.#poll = null;
  }
}

const CLOSED = 'the event store is closed';
