import type { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { EventStoreDbCheckpointStore } from '../../adapters/event-store/eventstoredb-checkpoint-store.ts';
import { EventStoreDbEventStore } from '../../adapters/event-store/eventstoredb-event-store.ts';
import { MemoryCheckpointStore } from '../../adapters/event-store/memory-checkpoint-store.ts';
import { openSqliteDatabase } from '../../adapters/event-store/open-sqlite-database.ts';
import { SqliteCheckpointStore } from '../../adapters/event-store/sqlite-checkpoint-store.ts';
import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import { SetClock } from './event-store.fixture.ts';
import { connectTo, newServer, SHORT_DEADLINES, storeOn } from './eventstoredb.fixture.ts';
import { newFile } from './sqlite-file.fixture.ts';

function checkpointStoreContract(open: () => Promise<CheckpointStore>): void {
  it('starts every subscription at 0', async () => {
    expect(await (await open()).load('saga')).toBe(0);
  });

  it('keeps the last position of each subscription by itself', async () => {
    const store = await open();
    await store.save('saga', 7);
    await store.save('view', 3);
    await store.save('saga', 9);
    expect([await store.load('saga'), await store.load('view'), await store.load('__proto__')]).toEqual([9, 3, 0]);
  });

  it('takes a subscription back when it is told to, for a rebuild', async () => {
    const store = await open();
    await store.save('view', 9);
    await store.save('view', 0);
    expect(await store.load('view')).toBe(0);
  });

  it('refuses what is no position and what is no name', async () => {
    const store = await open();
    for (const wrong of [-1, 0.5, Number.NaN]) await expect(store.save('saga', wrong)).rejects.toThrow('no position');
    await expect(store.save('', 1)).rejects.toThrow('name');
    await expect(store.save('x'.repeat(600), 1)).rejects.toThrow('name');
    expect(await store.load('saga')).toBe(0);
  });
}

describe('MemoryCheckpointStore', () => {
  checkpointStoreContract(async () => new MemoryCheckpointStore());
});

describe('SqliteCheckpointStore', () => {
  checkpointStoreContract(async () => new SqliteCheckpointStore(await openSqliteDatabase(newFile())));

  it('survives a reopening, and is gone with its database', async () => {
    const path = newFile();
    const database = await openSqliteDatabase(path);
    const store = new SqliteCheckpointStore(database);
    await store.save('saga', 7);
    database.close();
    await expect(store.load('saga')).rejects.toThrow(StoreUnavailable);
    await expect(store.save('saga', 8)).rejects.toThrow(StoreUnavailable);
    expect(await new SqliteCheckpointStore(await openSqliteDatabase(path)).load('saga')).toBe(7);
  });
});

describe('SqliteCheckpointStore, beside the log', () => {
  const FULL = { synchronous: 2 };
  const durability = (database: DatabaseSync) => database.prepare('PRAGMA synchronous').get();

  it('leaves appends as durable as they were, also when it could not save', async () => {
    const database = await openSqliteDatabase(newFile());
    const store = new SqliteCheckpointStore(database);
    await store.save('saga', 7);
    expect(durability(database)).toEqual(FULL);
    database.exec('DROP TABLE checkpoints');
    await expect(store.save('saga', 8)).rejects.toThrow(StoreUnavailable);
    expect(durability(database)).toEqual(FULL);
  });
});

describe('EventStoreDbCheckpointStore', () => {
  checkpointStoreContract(async () => new EventStoreDbCheckpointStore(connectTo((await newServer()).url)));

  it('survives a reopening, keeps one event for each subscription, and is gone with its connection', async () => {
    const server = await newServer();
    const connection = connectTo(server.url, SHORT_DEADLINES);
    const store = new EventStoreDbCheckpointStore(connection);
    await store.save('saga', 6);
    await Promise.all([store.save('saga', 8), store.save('saga', 7)]);
    await new EventStoreDbEventStore(connection, new SetClock()).close();
    await expect(store.load('saga')).rejects.toThrow(StoreUnavailable);
    await expect(store.save('saga', 9)).rejects.toThrow(StoreUnavailable);
    expect(await new EventStoreDbCheckpointStore(connectTo(server.url)).load('saga')).toBe(7);
    expect(server.log.readable('lifeboatCheckpoint-saga')).toHaveLength(1);
    expect(await storeOn(server.url).readAll(0, 10)).toEqual([]);
  });
});
