import { onTestFinished } from 'vitest';
import { shareEventStoreDbClient } from '../../adapters/event-store/eventstoredb-client.ts';
import {
  EventStoreDbConnection,
  type EventStoreDbDeadlines,
  EVENTSTOREDB_DEADLINES,
} from '../../adapters/event-store/eventstoredb-connection.ts';
import { EventStoreDbEventStore } from '../../adapters/event-store/eventstoredb-event-store.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { EventStore } from '../../application/ports/event-store.ts';
import { EventStoreDbProtocolServer } from '../support/eventstoredb-protocol-server.ts';
import { newEvent, newStream, SetClock } from './event-store.fixture.ts';

/** Short enough for a test that waits for one to pass, long enough for a busy machine to answer within it. */
export const SHORT_DEADLINES: EventStoreDbDeadlines = {
  attemptMs: 600,
  eventMs: 10,
  totalMs: 2000,
  pauseMs: 5,
  pauseMaxMs: 50,
  idleMs: 60_000,
};

/** A protocol server that stops when the test has ended. */
export async function newServer(
  options: Parameters<typeof EventStoreDbProtocolServer.start>[0] = {},
): Promise<EventStoreDbProtocolServer> {
  const server = await EventStoreDbProtocolServer.start(options);
  onTestFinished(() => server.stop());
  return server;
}

export const connectTo = (url: string, deadlines: EventStoreDbDeadlines = EVENTSTOREDB_DEADLINES) =>
  new EventStoreDbConnection(shareEventStoreDbClient(url), deadlines);

/** A store on that server, closed when the test has ended. */
export function storeOn(
  url: string,
  deadlines: EventStoreDbDeadlines = EVENTSTOREDB_DEADLINES,
  clock: Clock = new SetClock(),
): EventStoreDbEventStore {
  const store = new EventStoreDbEventStore(connectTo(url, deadlines), clock);
  onTestFinished(() => store.close());
  return store;
}

/** A server that others write to is never empty: this store begins at its present end. */
export async function storeFromNowOn(url: string, clock: Clock): Promise<EventStore> {
  const store = storeOn(url, EVENTSTOREDB_DEADLINES, clock);
  const marker = await store.append(newStream(), 'none', [newEvent()]);
  if (marker.answer !== 'appended') throw new Error(`nothing can be appended: ${JSON.stringify(marker)}`);
  const begin = (after: number): number => (after === 0 ? marker.position : after);
  return {
    append: (stream, expected, events) => store.append(stream, expected, events),
    readStream: (stream, from) => store.readStream(stream, from),
    readAll: (after, limit) => store.readAll(begin(after), limit),
    subscribe: (after, signal) => store.subscribe(begin(after), signal),
    close: () => store.close(),
  };
}
