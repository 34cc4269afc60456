import type { Clock } from '../../application/ports/clock.ts';
import type { ConfiguredUrl, OpenedEventStore } from './configured-store.ts';
import { isEventStoreDbUrl } from './eventstoredb-url.ts';
import { MemoryCheckpointStore } from './memory-checkpoint-store.ts';
import { MemoryLatestValues } from './memory-latest-values.ts';
import { MemoryEventStore } from './memory-event-store.ts';
import { openSqliteDatabase, type WantedStore } from './open-sqlite-database.ts';
import { NO_PROGRESS, type Progress } from './progress.ts';
import { SqliteCheckpointStore } from './sqlite-checkpoint-store.ts';
import { SqliteLatestValues } from './sqlite-latest-values.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';
import { sqlitePath } from './sqlite-url.ts';

/**
 * For the composition root. Throws an Error for a URL of another kind and StoreUnavailable for a file or a server that
 * cannot be used; both say what to do, and neither has a password in it. `progress`, `wanted`: as for `openSqliteDatabase`.
 */
export async function openEventStore(
  { key, url }: ConfiguredUrl,
  clock: Clock,
  progress: Progress = NO_PROGRESS,
  wanted: WantedStore = 'target',
): Promise<OpenedEventStore> {
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
  const path = sqlitePath({ key, url });
  const database = await openSqliteDatabase(path, progress, wanted);
  return {
    eventStore: new SqliteEventStore(database, clock),
    checkpointStore: new SqliteCheckpointStore(database),
    latestValues: new SqliteLatestValues(database),
  };
}
