import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { EventStore } from '../../application/ports/event-store.ts';
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
 * For the composition root. Throws an Error for a URL of another kind and StoreUnavailable for a file that cannot be
 * used; both say what to do.
 */
export async function openEventStore({ key, url }: ConfiguredUrl, clock: Clock): Promise<OpenedEventStore> {
  if (url === 'memory:') {
    return { eventStore: new MemoryEventStore(clock), checkpointStore: new MemoryCheckpointStore() };
  }
  const path = url.startsWith(SQLITE) ? url.slice(SQLITE.length) : '';
  // An operator who writes `sqlite::memory:` does not mean a file of that name.
  if (path === '' || path === ':memory:' || path.includes('\0')) throw wrongUrl(key, url);
  const database = await openSqliteDatabase(path);
  return { eventStore: new SqliteEventStore(database, clock), checkpointStore: new SqliteCheckpointStore(database) };
}

const SQLITE = 'sqlite:';
const FOUND_LENGTH_MAX = 200;

function wrongUrl(key: string, url: string): Error {
  const found = JSON.stringify(withoutPassword(url).slice(0, FOUND_LENGTH_MAX));
  const known = 'expected memory: (nothing survives a restart) or sqlite:<path of a file>';
  const why = /^(?:esdb|kurrentdb|kdb)(?:\+discover)?:/.test(url) ? 'EventStoreDB is not supported yet; ' : '';
  return new Error(`${key}: found ${found}; ${why}${known}`);
}

/** Errors end up in logs; `esdb://` URLs carry a user's password. */
const withoutPassword = (url: string): string => url.replace(/\/\/[^/]*@/, '//***@');
