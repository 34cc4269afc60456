import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { CHAIN_START, logHash } from '../../adapters/event-store/event-chain.ts';
import { openSqliteDatabase } from '../../adapters/event-store/open-sqlite-database.ts';
import { entriesOf, LOG_ENTRY_COLUMNS } from '../../adapters/event-store/sqlite-log-entry.ts';
import type { StreamName } from '../../application/ports/event-store.ts';
import { newEvents, newStream } from './event-store.fixture.ts';
import { newFile, openStore } from './sqlite-file.fixture.ts';

/** The tables as Lifeboat made them before events were chained. */
const VERSION_1 = `
  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 0), id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
    schema_version INTEGER NOT NULL, data TEXT NOT NULL, correlation_id TEXT NOT NULL,
    causation_id TEXT NOT NULL, actor TEXT NOT NULL, recorded_at TEXT NOT NULL, UNIQUE (stream, revision)
  ) STRICT;
  CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'recorded events are never changed'); END;
  CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'recorded events are never deleted'); END;
  CREATE TABLE checkpoints (
    subscription TEXT PRIMARY KEY, position INTEGER NOT NULL CHECK (position >= 0)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = 0x4c494645;
  PRAGMA user_version = 1;
  INSERT INTO checkpoints VALUES ('saga', 3);
`;

/** A file of version 1 whose positions have gaps, as conflicts left them. */
function unchainedFile(positions: readonly number[], stream: StreamName): string {
  const path = newFile();
  const database = new DatabaseSync(path);
  database.exec(VERSION_1);
  const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (const [revision, { id, data }] of newEvents(positions.length).entries()) {
    const time = '2025-01-01T00:00:00.000Z';
    const [position = 0, text] = [positions[revision], JSON.stringify(data)];
    insert.run(position, stream, revision, id, data.type, 1, text, 'c', 'c', 'a', time);
  }
  database.close();
  return path;
}

function chainOf(path: string): readonly { readonly found: string | null; readonly expected: string }[] {
  const database = new DatabaseSync(path);
  const rows = database.prepare(`SELECT ${LOG_ENTRY_COLUMNS}, hash FROM events ORDER BY position`);
  rows.setReturnArrays(true);
  let previous = CHAIN_START;
  const chain = entriesOf(rows.all()).map((entry) => {
    previous = logHash(previous, entry.position, entry);
    return { found: entry.hash, expected: previous };
  });
  database.close();
  return chain;
}

describe('a file of a Lifeboat that did not chain its events', () => {
  it('is chained from its first event when it is opened, and goes on in the same chain', async () => {
    const stream = newStream();
    const path = unchainedFile([1, 2, 5, 6], stream);
    const told: string[] = [];
    (await openSqliteDatabase(path, (done, total) => told.push(`${done}/${total}`))).close();
    expect(told).toEqual(['4/4']);
    const store = await openStore(path);
    expect(await store.append(stream, 3, newEvents(2))).toMatchObject({ answer: 'appended', position: 8 });
    const log = await store.readAll(0, 10);
    expect(log.map(({ position }) => position)).toEqual([1, 2, 5, 6, 7, 8]);
    expect(log[0]?.recordedAt).toBe('2025-01-01T00:00:00.000Z');
    const chain = chainOf(path);
    expect(chain).toHaveLength(6);
    for (const { found, expected } of chain) expect(found).toBe(expected);
  });

  it('keeps its checkpoints, and lets nobody change or delete an event', async () => {
    const path = unchainedFile([1], newStream());
    const database = await openSqliteDatabase(path);
    expect(database.prepare('SELECT position FROM checkpoints').get()).toEqual({ position: 3 });
    expect(() => database.exec(`UPDATE events SET actor = 'nobody'`)).toThrow('never changed');
    expect(() => database.exec('DELETE FROM events')).toThrow('never deleted');
    database.close();
  });

  it('stays as it was when it cannot be chained to its end', async () => {
    const path = unchainedFile([1, 2], newStream());
    const stop = openSqliteDatabase(path, () => {
      throw new Error('the power failed');
    });
    await expect(stop).rejects.toThrow('the power failed');
    const database = new DatabaseSync(path);
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
    expect(database.prepare('SELECT count(*) AS events FROM events').get()).toEqual({ events: 2 });
    database.close();
  });
});
