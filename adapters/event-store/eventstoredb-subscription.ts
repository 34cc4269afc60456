import {
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type Position,
  type ReadPosition,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { EventUnreadable, type RecordedEvent } from '../../application/ports/event-store.ts';
import { STREAM_CATEGORIES } from './checked-append.ts';
import type { EventStoreDbConnection } from './eventstoredb-connection.ts';
import { decoded, logEntry, serverPosition } from './eventstoredb-event.ts';
import { EventStoreDbSilent, failureType, isRefusal, storeUnavailable } from './eventstoredb-failure.ts';
import type { LogEntry } from './log-entry.ts';

/** Where to go on: the server's position (exclusive), and the last event that the caller has. */
type Place = { from: ReadPosition; after: number };

/**
 * Everything of Lifeboat's after `after`, in order, until `signal` aborts. The client's subscriptions die with their
 * connection, so they are made anew at the last event that was handed over. Throws EventUnreadable, and StoreUnavailable
 * when the store is closed or the server refuses: what no repetition mends.
 */
export async function* followAll(
  connection: EventStoreDbConnection,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<RecordedEvent, void, void> {
  const place = placeAfter(after);
  for (let attempt = 0; ; attempt += 1) {
    if (signal.aborted) return;
    connection.refuseWhenClosed();
    const stop = AbortSignal.any([signal, connection.closing]);
    try {
      for await (const event of received(connection, place, { stop, silenceMs: connection.deadlines.idleMs })) {
        if (signal.aborted) return;
        attempt = 0;
        if (!(event instanceof Mark)) yield decoded(event);
      }
    } catch (error) {
      if (!stop.aborted) recover(connection, error, place);
    }
    await connection.pause(attempt, stop);
  }
}

/** At most `limit` events after `after`, up to the present end of the log. Throws as `followAll` does, and at a silence. */
export async function readAllAfter(
  connection: EventStoreDbConnection,
  after: number,
  limit: number,
): Promise<readonly LogEntry[]> {
  const events: LogEntry[] = [];
  const place = placeAfter(after);
  return connection.patiently(async () => {
    try {
      const watched = { stop: connection.closing, silenceMs: connection.deadlines.attemptMs };
      for await (const event of received(connection, place, watched)) {
        if (event instanceof Mark && event.position === null) break;
        if (event instanceof Mark) continue;
        events.push(event);
        if (events.length === limit) break;
      }
      return events;
    } catch (error) {
      recover(connection, error, place);
      throw error;
    }
  });
}

const placeAfter = (after: number): Place => ({ from: after === 0 ? START : serverPosition(after), after });

/** Throws what no repetition mends; else leaves `place` where the next try can begin. */
function recover({ server }: EventStoreDbConnection, error: unknown, place: Place): void {
  if (error instanceof EventUnreadable || isRefusal(error)) throw storeUnavailable(error, server);
  // A number that is no event's position: the server cannot begin there, but somebody may ask for it.
  if (failureType(error) === 'unknown' && /invalid position/i.test(String(error))) place.from = START;
}

/** The events of one subscription, and null at each sign of life in between. Rejects when it breaks. */
async function* received(
  { client, deadlines }: EventStoreDbConnection,
  place: Place,
  { stop, silenceMs }: { readonly stop: AbortSignal; readonly silenceMs: number },
): AsyncGenerator<LogEntry | Mark, void, void> {
  const subscription = client.subscribeToAll({
    fromPosition: place.from,
    requiresLeader: true,
    filter: streamNameFilter({
      prefixes: STREAM_CATEGORIES.map((category) => `${category}-`),
      // The client tells it at once, ahead of the events that wait: in the same queue it comes in its turn.
      checkpointReached: (_, position) => void subscription.push(new Mark(position)),
    }),
  });
  subscription.on('caughtUp', () => void subscription.push(new Mark(null)));
  // An error that nobody listens to ends the process, also one that comes after the last event.
  subscription.on('error', () => undefined);
  const end = (): void => void subscription.destroy();
  const watch = watchSilence(subscription, deadlines.attemptMs, silenceMs);
  stop.addEventListener('abort', end);
  try {
    for await (const chunk of inOrder(subscription)) {
      watch.refresh();
      if (chunk instanceof Mark) {
        place.from = chunk.position ?? place.from;
        yield chunk;
      } else if (chunk.event !== undefined) {
        const event = logEntry(chunk.event);
        if (event.position <= place.after) continue;
        Object.assign(place, { from: serverPosition(event.position), after: event.position });
        yield event;
      }
    }
  } finally {
    watch.end();
    stop.removeEventListener('abort', end);
    subscription.unsubscribe().catch(() => undefined);
    subscription.destroy();
  }
}

/** Among the events: the server has searched up to `position`, or, null, the reader has seen all there is. */
class Mark {
  readonly position: Position | null;
  constructor(position: Position | null) {
    this.position = position;
  }
}

const inOrder = (subscription: AllStreamSubscription) => subscription as AsyncIterable<AllStreamResolvedEvent | Mark>;

/** Ends a subscription that is not confirmed in time, or hears nothing for too long. */
function watchSilence(subscription: AllStreamSubscription, confirmMs: number, silenceMs: number) {
  let silence = confirmMs;
  const say = (): void => void subscription.destroy(new EventStoreDbSilent(`no answer for ${silence} ms`));
  let timer = setTimeout(say, confirmMs);
  const refresh = (): void => {
    silence = silenceMs;
    clearTimeout(timer);
    timer = setTimeout(say, silenceMs);
  };
  subscription.on('confirmation', refresh);
  return { refresh, end: () => clearTimeout(timer) };
}
