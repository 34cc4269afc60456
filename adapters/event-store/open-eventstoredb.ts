import type { Clock } from '../../application/ports/clock.ts';
import { type ConfiguredUrl, type OpenedEventStore, shownUrl } from './configured-store.ts';
import { EventStoreDbCheckpointStore } from './eventstoredb-checkpoint-store.ts';
import { shareEventStoreDbClient } from './eventstoredb-client.ts';
import { EventStoreDbConnection } from './eventstoredb-connection.ts';
import { EventStoreDbLatestValues } from './eventstoredb-latest-values.ts';
import { EventStoreDbEventStore } from './eventstoredb-event-store.ts';
import { EventStoreDbStoredLog } from './eventstoredb-stored-log.ts';

/** Reads once, so that a wrong address, user or access list is told now and not at the first request. */
export async function openEventStoreDb({ key, url }: ConfiguredUrl, clock: Clock): Promise<OpenedEventStore> {
  const connection = connectToEventStoreDb({ key, url });
  const eventStore = new EventStoreDbEventStore(connection, clock);
  try {
    await eventStore.readAll(0, 1);
  } catch (error) {
    await eventStore.close();
    throw error;
  }
  return {
    eventStore,
    checkpointStore: new EventStoreDbCheckpointStore(connection),
    latestValues: new EventStoreDbLatestValues(connection),
  };
}

/** For commands that examine or copy a whole log. Throws as `connectToEventStoreDb` does. */
export const openEventStoreDbLog = (configured: ConfiguredUrl): EventStoreDbStoredLog =>
  new EventStoreDbStoredLog(connectToEventStoreDb(configured));

/** Nothing is sent yet. Throws an Error that names the key for a URL that is none. */
function connectToEventStoreDb({ key, url }: ConfiguredUrl): EventStoreDbConnection {
  try {
    return new EventStoreDbConnection(shareEventStoreDbClient(url));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${key}: found ${shownUrl(url)}; ${why}`, { cause: error });
  }
}
