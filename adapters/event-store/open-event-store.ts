import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { EventStore } from '../../application/ports/event-store.ts';
import { EventStoreDbCheckpointStore } from './eventstoredb-checkpoint-store.ts';
import { shareEventStoreDbClient } from './eventstoredb-client.ts';
import { EventStoreDbConnection } from './eventstoredb-connection.ts';
import { EventStoreDbEventStore } from './eventstoredb-event-store.ts';
import { isEventStoreDbUrl, withoutPassword } from './eventstoredb-url.ts';
import { MemoryCheckpointStore } from './memory-checkpoint-store.ts';
import { MemoryEventStore } from './memory-event-store.ts';
import { openSqliteDatabase } from './open-sqlite-database.ts';
import { SqliteCheckpointStore } from './sqlite-checkpoint-store.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';

/** Closing the event store closes both. */
export type OpenedEventStore = { readonly eventStore: EventStore; readonly checkpointStore: CheckpointStore };

/** The URL as the operator wrote it, and the configuration key it stands under, which an error names. */
export type ConfiguredUrl = { readonly key: string; readonly url: string };

/**
 * For the composition root. Throws an Error for a URL of another kind and StoreUnavailable for a file or a server that
 * cannot be used; both say what to do, and neither has a password in it.
 */
export async function openEventStore({ key, url }: ConfiguredUrl, clock: Clock): Promise<OpenedEventStore> {
  if (url === 'memory:') {
    return { eventStore: new MemoryEventStore(clock), checkpointStore: new MemoryCheckpointStore() };
  }
  if (isEventStoreDbUrl(url)) return openEventStoreDb({ key, url }, clock);
  const path = url.startsWith(SQLITE) ? url.slice(SQLITE.length) : '';
  // An operator who writes `sqlite::memory:` does not mean a file of that name.
  if (path === '' || path === ':memory:' || path.includes('\0')) throw wrongUrl(key, url);
  const database = await openSqliteDatabase(path);
  return { eventStore: new SqliteEventStore(database, clock), checkpointStore: new SqliteCheckpointStore(database) };
}

const SQLITE = 'sqlite:';
const FOUND_LENGTH_MAX = 200;

/** Reads once, so that a wrong address, user or access list is told now and not at the first request. */
async function openEventStoreDb({ key, url }: ConfiguredUrl, clock: Clock): Promise<OpenedEventStore> {
  const connection = new EventStoreDbConnection(shared(key, url));
  const eventStore = new EventStoreDbEventStore(connection, clock);
  try {
    await eventStore.readAll(0, 1);
  } catch (error) {
    await eventStore.close();
    throw error;
  }
  return { eventStore, checkpointStore: new EventStoreDbCheckpointStore(connection) };
}

function shared(key: string, url: string) {
  try {
    return shareEventStoreDbClient(url);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${key}: found ${shown(url)}; ${why}`, { cause: error });
  }
}

function wrongUrl(key: string, url: string): Error {
  const known =
    'memory: (nothing survives a restart), sqlite:<path of a file> or esdb://<user>:<password>@<host>:<port>';
  return new Error(`${key}: found ${shown(url)}; expected ${known}`);
}

/** Errors end up in logs. */
const shown = (url: string): string => JSON.stringify(withoutPassword(url).slice(0, FOUND_LENGTH_MAX));
