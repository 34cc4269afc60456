import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openSqliteDatabase } from '../../adapters/event-store/open-sqlite-database.ts';
import { SqliteEventStore } from '../../adapters/event-store/sqlite-event-store.ts';
import { EventUnreadable, type NewEvent } from '../../application/ports/event-store.ts';
import { instant } from '../../domain/shared/ids.ts';
import { newEvent, newEvents, newStream, SetClock, take } from './event-store.fixture.ts';
import { newFile, openStore } from './sqlite-file.fixture.ts';

const LARGE_TEXT = 'x'.repeat(20_000);
const largeEvent = (): NewEvent => ({
  ...newEvent(),
  data: { type: 'InstanceCreateFailed', reason: LARGE_TEXT, at: instant('2026-03-01T08:30:00.000Z') },
});

describe('SqliteEventStore, when the file holds what it cannot read', () => {
  const CHANGES = {
    'was written by a newer Lifeboat; upgrade this one': 'schema_version = 2',
    'is of a type unknown here': `type = 'InstanceTeleported'`,
    'holds no JSON': `data = '{"type":'`,
    'has a NUL in its stream, id, type or metadata': `actor = 'a' || char(0) || 'b'`,
    'host: Invalid input: expected string': `data = '{"type":"InstanceScheduled","at":""}'`,
  };

  it.each(Object.entries(CHANGES))('says that the event %s, wherever it is read', async (said, change) => {
    const path = newFile();
    const store = await openStore(path);
    const stream = newStream();
    await store.append(stream, 'none', newEvents(3));
    changeByHand(path, change);
    const reads = [
      () => store.readStream(stream),
      () => store.readAll(0, 10),
      () => take(store.subscribe(0, new AbortController().signal), 3),
    ];
    for (const read of reads) {
      await expect(read()).rejects.toThrow(EventUnreadable);
      await expect(read()).rejects.toThrow(`at position 2 ${said}`.replace('at position 2 host', 'host'));
      await expect(read()).rejects.toMatchObject({ position: 2 });
    }
    expect(await store.readAll(2, 10)).toHaveLength(1);
  });

  it('lets nobody change or delete a recorded event by mistake', async () => {
    const path = newFile();
    const store = await openStore(path);
    await store.append(newStream(), 'none', newEvents(2));
    const other = new DatabaseSync(path);
    expect(() => other.exec(`UPDATE events SET actor = 'nobody'`)).toThrow('recorded events are never changed');
    expect(() => other.exec('DELETE FROM events WHERE position = 2')).toThrow('recorded events are never deleted');
    other.close();
    expect(await store.readAll(0, 10)).toHaveLength(2);
  });
});

/** The way around the triggers that an intruder, or a bad disk, would take. */
function changeByHand(path: string, change: string): void {
  const database = new DatabaseSync(path);
  database.exec('DROP TRIGGER events_are_never_changed');
  database.exec(`UPDATE events SET ${change} WHERE position = 2`);
  database.close();
}

describe('SqliteEventStore, when the disk is full', () => {
  it('answers everybody that nothing was written, and works again once there is space', async () => {
    const database = await openSqliteDatabase(newFile());
    const store = new SqliteEventStore(database, new SetClock());
    const kept = newStream();
    await store.append(kept, 'none', newEvents(1));
    const pages = database.prepare('PRAGMA page_count').get()?.['page_count'];
    database.exec(`PRAGMA max_page_count = ${String(pages)}`);
    const streams = [newStream(), newStream(), newStream()];
    const event = largeEvent();
    const answers = await Promise.all([
      store.append(kept, 0, [largeEvent()]),
      ...streams.map((stream, index) => store.append(stream, 'none', [index === 0 ? event : largeEvent()])),
    ]);
    const full = { answer: 'unavailable', reason: expect.stringContaining('the disk is full: free space') };
    expect(answers).toEqual([full, full, full, full]);
    expect(await store.readAll(0, 10)).toHaveLength(1);
    database.exec('PRAGMA max_page_count = 100000');
    const [first] = streams;
    if (first === undefined) throw new Error('no stream');
    expect(await store.append(first, 'none', [event])).toMatchObject({ answer: 'appended', revision: 0 });
    await store.close();
  });
});

describe('SqliteEventStore, when another process holds the lock', () => {
  it('waits for it, and writes then', async () => {
    const path = newFile();
    const store = await openStore(path);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const asked = store.append(newStream(), 'none', newEvents(1));
    // The event loop runs on while the append waits, or this would never be reached.
    setTimeout(() => other.exec('COMMIT'), 120);
    expect(await asked).toMatchObject({ answer: 'appended' });
    other.close();
  });

  it('gives up after its bound, answers unavailable and has written nothing', { timeout: 20_000 }, async () => {
    const path = newFile();
    const store = await openStore(path);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const answers = await Promise.all(
      [newStream(), newStream()].map((name) => store.append(name, 'none', newEvents(1))),
    );
    other.exec('COMMIT');
    other.close();
    const busy = { answer: 'unavailable', reason: expect.stringContaining('keeps the file locked') };
    expect(answers).toEqual([busy, busy]);
    expect(await store.readAll(0, 10)).toEqual([]);
    expect(await store.append(newStream(), 'none', newEvents(1))).toMatchObject({ answer: 'appended' });
  });
});
