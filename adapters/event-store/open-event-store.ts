import type { Clock } from '../../application/ports/clock.ts';
import { type ConfiguredUrl, type OpenedEventStore, shownUrl } from './configured-store.ts';
import { isEventStoreDbUrl } from './eventstoredb-url.ts';
import { MemoryCheckpointStore } from './memory-checkpoint-store.ts';
import { MemoryLatestValues } from './memory-latest-values.ts';
import { MemoryEventStore } from './memory-event-store.ts';
import { openSqliteDatabase } from './open-sqlite-database.ts';
import { SqliteCheckpointStore } from './sqlite-checkpoint-store.ts';
import { SqliteLatestValues } from './sqlite-latest-values.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';

/**
 * For the composition root. Throws an Error for a URL of another kind and StoreUnavailable for a file or a server that
 * cannot be used; both say what to do, and neither has a password in it.
 */
export async function openEventStore({ key, url }: ConfiguredUrl, clock: Clock): Promise<OpenedEventStore> {
  if (url === 'memory:') {
    return {
      eventStore: new MemoryEventStore(clock),
      checkpointStore: new MemoryCheckpointStore(),
      latestValues: new MemoryLatestValues(),
    };
  }
  if (isEventStoreDbUrl(url)) {
    // The client takes longer to load than a file to open, and most logs are in a file.
    const { openEventStoreDb } = await import('./open-eventstoredb.ts');
    return openEventStoreDb({ key, url }, clock);
  }
  const path = url.startsWith(SQLITE) ? url.slice(SQLITE.length) : '';
  // An operator who writes `sqlite::memory:` does not mean a file of that name.
  if (path === '' || path === ':memory:' || path.includes('\0')) throw wrongUrl(key, url);
  const database = await openSqliteDatabase(path);
  return {
    eventStore: new SqliteEventStore(database, clock),
    checkpointStore: new SqliteCheckpointStore(database),
    latestValues: new SqliteLatestValues(database),
  };
}

const SQLITE = 'sqlite:';

function wrongUrl(key: string, url: string): Error {
  const known =
    'memory: (nothing survives a restart), sqlite:<path of a file> or esdb://<user>:<password>@<host>:<port>';
  return new Error(`${key}: found ${shownUrl(url)}; expected ${known}`);
}
