import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { encodeEvent } from '../../adapters/event-store/event-codec.ts';
import type { LogEntry } from '../../adapters/event-store/log-entry.ts';
import { openSqliteDatabase } from '../../adapters/event-store/open-sqlite-database.ts';
import { SqliteEventStore } from '../../adapters/event-store/sqlite-event-store.ts';
import { SqliteStoredLog } from '../../adapters/event-store/sqlite-stored-log.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { NewEvent, StreamName } from '../../application/ports/event-store.ts';
import { instant } from '../../domain/shared/ids.ts';
import { MIGRATION_HISTORY } from './migration-history.ts';

const SINGLE_APPENDS = 50;
const CONCURRENT_APPENDS = 100;
const CONCURRENT_TURNS = 2;
/** Few enough that the rows of a page are garbage before the collector moves them: 1.4 times as fast as 10,000. */
const REPLAY_PAGE_EVENTS = 1000;
const REPLAYED_EVENTS = 1_000_000;

type Files = {
  readonly single: DatabaseSync;
  readonly concurrent: DatabaseSync;
  readonly bare: DatabaseSync;
  readonly log: DatabaseSync;
};

const METADATA = { correlationId: `req-${randomUUID()}`, causationId: randomUUID(), actor: randomUUID() };

/** The parts of the event store's benchmark, each a round that answers events per second. */
export class EventStoreBench {
  readonly #single: SqliteEventStore;
  readonly #concurrent: SqliteEventStore;
  readonly #bare: DatabaseSync;
  readonly #bareInsert: StatementSync;
  readonly #log: DatabaseSync;
  readonly #logStore: SqliteEventStore;

  private constructor(files: Files) {
    this.#single = new SqliteEventStore(files.single, wallClock);
    this.#concurrent = new SqliteEventStore(files.concurrent, wallClock);
    this.#bare = files.bare;
    files.bare.exec(BARE_TABLE);
    this.#bareInsert = files.bare.prepare(BARE_INSERT);
    this.#log = files.log;
    this.#logStore = new SqliteEventStore(files.log, wallClock);
  }

  /** A file each: one that another round fills would be slower for its size alone. */
  static async open(directory: string): Promise<EventStoreBench> {
    const open = (name: string): Promise<DatabaseSync> => openSqliteDatabase(join(directory, name));
    const [single, concurrent] = [await open('single.db'), await open('concurrent.db')];
    return new EventStoreBench({ single, concurrent, bare: await open('bare.db'), log: await open('log.db') });
  }

  async close(): Promise<void> {
    for (const store of [this.#single, this.#concurrent, this.#logStore]) await store.close();
    this.#bare.close();
  }

  /** The peer of a single append: an INSERT of the same row with the same pragmas, encoded but not checked nor hashed. */
  async bareInserts(): Promise<number> {
    const stream = newStream();
    const events = newEvents(SINGLE_APPENDS);
    return rate(SINGLE_APPENDS, () => {
      for (const [revision, { id, data, metadata }] of events.entries()) {
        const { correlationId, causationId, actor } = metadata;
        // prettier-ignore
        this.#bareInsert.run(
          stream, revision, id, data.type, 1, JSON.stringify(data), correlationId, causationId, actor, wallClock.now(),
        );
      }
    });
  }

  async singleAppends(): Promise<number> {
    const stream = newStream();
    const events = newEvents(SINGLE_APPENDS);
    return rate(SINGLE_APPENDS, async () => {
      for (const [index, event] of events.entries()) {
        const { answer } = await this.#single.append(stream, index === 0 ? 'none' : index - 1, [event]);
        if (answer !== 'appended') throw new Error(`an append was answered ${answer}`);
      }
    });
  }

  async concurrentAppends(): Promise<number> {
    const streams = Array.from({ length: CONCURRENT_APPENDS }, newStream);
    const turns = Array.from({ length: CONCURRENT_TURNS }, () => newEvents(CONCURRENT_APPENDS));
    return rate(CONCURRENT_APPENDS * CONCURRENT_TURNS, async () => {
      for (const [turn, events] of turns.entries()) {
        const expected = turn === 0 ? 'none' : turn - 1;
        const answers = await Promise.all(
          streams.map((stream, index) => this.#concurrent.append(stream, expected, events.slice(index, index + 1))),
        );
        if (answers.some(({ answer }) => answer !== 'appended')) throw new Error('an append was not written');
      }
    });
  }

  /** Writes the log that is replayed; not measured. */
  async fillLog(): Promise<void> {
    const log = new SqliteStoredLog(this.#log);
    for (let written = 0; written < REPLAYED_EVENTS;) {
      const events = newEvents(Math.min(MIGRATION_HISTORY.length, REPLAYED_EVENTS - written));
      await log.write(entriesOf(newStream(), events));
      written += events.length;
    }
    await log.commit();
  }

  async replay(): Promise<number> {
    return rate(REPLAYED_EVENTS, async () => {
      const counts = new Map<string, number>();
      for (let after = 0; ;) {
        const page = await this.#logStore.readAll(after, REPLAY_PAGE_EVENTS);
        for (const { data } of page) counts.set(data.type, (counts.get(data.type) ?? 0) + 1);
        if (page.length === 0) break;
        after = page.at(-1)?.position ?? after;
      }
      checkCounts(counts);
    });
  }

  /** The peer of a replay: keyset pages of whole rows, JSON.parse, the same fold; no schema is checked. */
  async replayBare(): Promise<number> {
    const select = this.#log.prepare('SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?');
    return rate(REPLAYED_EVENTS, () => {
      const counts = new Map<string, number>();
      for (let after = 0; ;) {
        const page = select.all(after, REPLAY_PAGE_EVENTS);
        for (const { data } of page) {
          const { type } = JSON.parse(String(data));
          counts.set(type, (counts.get(type) ?? 0) + 1);
        }
        if (page.length === 0) break;
        after = Number(page.at(-1)?.['position']);
      }
      checkCounts(counts);
    });
  }
}

// What anybody would write who keeps events and checks revisions and ids: no hash, no triggers, nothing to count positions.
const BARE_TABLE = `CREATE TABLE bare (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, schema_version INTEGER NOT NULL, data TEXT NOT NULL,
  correlation_id TEXT NOT NULL, causation_id TEXT NOT NULL, actor TEXT NOT NULL, recorded_at TEXT NOT NULL,
  UNIQUE (stream, revision)) STRICT`;
const BARE_INSERT = `INSERT INTO bare (stream, revision, id, type, schema_version, data, correlation_id, causation_id,
  actor, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const wallClock: Clock = {
  now: () => instant(new Date().toISOString()),
  sleep: () => Promise.reject(new Error('the event store does not sleep by the clock')),
};

const newStream = (): StreamName => `migrationSaga-${randomUUID()}`;

function newEvents(count: number): readonly NewEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const data = MIGRATION_HISTORY[index % MIGRATION_HISTORY.length];
    if (data === undefined) throw new Error('the migration history is empty');
    return { id: randomUUID(), data, metadata: METADATA };
  });
}

function entriesOf(stream: StreamName, events: readonly NewEvent[]): readonly LogEntry[] {
  return events.map(({ id, data, metadata }, revision) => {
    const place = { position: 0, recordedAt: wallClock.now(), hash: null };
    return { ...encodeEvent(data), id, metadata, stream, revision, ...place };
  });
}

async function rate(events: number, work: () => void | Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (events / (performance.now() - start)) * 1000;
}

function checkCounts(counts: ReadonlyMap<string, number>): void {
  const events = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (events !== REPLAYED_EVENTS) throw new Error(`${events} events were replayed, not ${REPLAYED_EVENTS}`);
}
