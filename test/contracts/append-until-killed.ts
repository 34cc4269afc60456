import { writeSync } from 'node:fs';
import { openSqliteDatabase } from '../../adapters/event-store/open-sqlite-database.ts';
import { SqliteEventStore } from '../../adapters/event-store/sqlite-event-store.ts';
import { idsOf, newEvents, newStream, SetClock } from './event-store.fixture.ts';

// Run as a process of its own by sqlite-event-store-crash.spec.ts: appends until it is killed, and tells of each append
// only after the store has acknowledged it.
const WRITERS = 4;
const EVENTS_PER_APPEND = 3;

const path = process.argv[2];
if (path === undefined) throw new Error('usage: append-until-killed.ts <file>');
const store = new SqliteEventStore(await openSqliteDatabase(path), new SetClock());

async function appendForEver(): Promise<never> {
  const stream = newStream();
  for (let revision = -1; ; revision += EVENTS_PER_APPEND) {
    const events = newEvents(EVENTS_PER_APPEND);
    const { answer } = await store.append(stream, revision < 0 ? 'none' : revision, events);
    if (answer !== 'appended') throw new Error(`an append was answered ${answer}`);
    writeSync(1, `${idsOf(events).join(' ')}\n`);
  }
}

await Promise.all(Array.from({ length: WRITERS }, appendForEver));
