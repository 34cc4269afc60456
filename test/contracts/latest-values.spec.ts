import { describe, expect, it } from 'vitest';
import { EventStoreDbLatestValues } from '../../adapters/event-store/eventstoredb-latest-values.ts';
import { MemoryLatestValues } from '../../adapters/event-store/memory-latest-values.ts';
import { openSqliteDatabase } from '../../adapters/event-store/open-sqlite-database.ts';
import { SqliteLatestValues } from '../../adapters/event-store/sqlite-latest-values.ts';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import type { LatestValues, ProcessValue } from '../../application/ports/latest-values.ts';
import { connectTo, newServer, SHORT_DEADLINES, storeOn } from './eventstoredb.fixture.ts';
import { newFile } from './sqlite-file.fixture.ts';

const KEY = 'process-one';
const value = (description: string): ProcessValue => ({
  state: 'running',
  identity: null,
  description,
  progress: {},
});

type Pair = readonly [LatestValues, LatestValues];

/** `open` gives two views of one store, as two processes have them. */
function latestValuesContract(open: () => Promise<Pair>): void {
  it('gives what was written last, by whomever, and nothing of what never was', async () => {
    const [mine, yours] = await open();
    expect(await yours.read(KEY)).toBeNull();
    const first = await mine.write(KEY, value('mine'), null);
    expect(await yours.read(KEY)).toEqual({ revision: first, value: value('mine') });
    const second = await yours.write(KEY, value('yours'), first);
    expect(await mine.read(KEY)).toEqual({ revision: second, value: value('yours') });
    expect(await mine.read('process-two')).toBeNull();
  });

  it('takes a write only in the place of the value that the writer has seen', async () => {
    const [mine, yours] = await open();
    const first = await mine.write(KEY, value('mine'), null);
    expect(await yours.write(KEY, value('yours'), null)).toBeNull();
    const again = await mine.write(KEY, value('mine'), first);
    expect(again).not.toBe(first);
    expect(await yours.write(KEY, value('yours'), first)).toBeNull();
    expect((await yours.read(KEY))?.value).toEqual(value('mine'));
  });

  it('lets one of many writers win', async () => {
    const [mine, yours] = await open();
    const written = await Promise.all(
      [1, 2, 3, 4].map((n) => (n % 2 === 0 ? mine : yours).write(KEY, value(`${n}`), null)),
    );
    expect(written.filter((revision) => revision !== null)).toHaveLength(1);
  });
}

describe('MemoryLatestValues', () => {
  latestValuesContract(async () => {
    const values = new MemoryLatestValues();
    return [values, values];
  });
});

describe('SqliteLatestValues', () => {
  latestValuesContract(async () => {
    const path = newFile();
    return [
      new SqliteLatestValues(await openSqliteDatabase(path)),
      new SqliteLatestValues(await openSqliteDatabase(path)),
    ];
  });

  it('says so when a value cannot be read', async () => {
    const database = await openSqliteDatabase(newFile());
    const values = new SqliteLatestValues(database);
    await values.write(KEY, value('mine'), null);
    database.exec(`UPDATE latest_values SET value = '{"state":"asleep"}'`);
    await expect(values.read(KEY)).rejects.toThrow(StoreUnavailable);
  });
});

describe('EventStoreDbLatestValues', () => {
  latestValuesContract(async () => {
    const { url } = await newServer();
    return [new EventStoreDbLatestValues(connectTo(url)), new EventStoreDbLatestValues(connectTo(url))];
  });

  it('knows its own write again when only the answer was lost, and keeps one event for each value', async () => {
    const server = await newServer();
    const values = new EventStoreDbLatestValues(connectTo(server.url, SHORT_DEADLINES));
    const first = await values.write(KEY, value('mine'), null);
    server.scriptAppends({ fault: 'silent', written: true });
    expect(await values.write(KEY, value('mine'), first)).toBe(1);
    expect(await values.read(KEY)).toEqual({ revision: 1, value: value('mine') });
    expect(server.log.readable('lifeboatLatest-process-one')).toHaveLength(1);
    expect(await storeOn(server.url).readAll(0, 10)).toEqual([]);
  });
});
