import type { Clock } from '../../application/ports/clock.ts';
import {
  type AppendAnswer,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type RecordedEvent,
  type StreamName,
} from '../../application/ports/event-store.ts';
import { checkAppend } from './checked-append.ts';
import { EventStoreDbAppender } from './eventstoredb-appender.ts';
import { CLOSED, type EventStoreDbConnection } from './eventstoredb-connection.ts';
import { decoded } from './eventstoredb-event.ts';
import { EventStoreDbReader } from './eventstoredb-reader.ts';
import { followAll, readAllAfter } from './eventstoredb-subscription.ts';
import { checkReadFrom, checkReadLimit } from './read-bounds.ts';
import { RecentIds } from './recent-ids.ts';
import { RecordingClock } from './recording-clock.ts';

/**
 * An EventStoreDB or KurrentDB server or cluster, for any number of processes on any number of machines. Positions are
 * the server's commit positions. Closes the connection that it is given.
 */
export class EventStoreDbEventStore implements EventStore {
  readonly #connection: EventStoreDbConnection;
  readonly #reader: EventStoreDbReader;
  readonly #appender: EventStoreDbAppender;
  readonly #clock: RecordingClock;
  readonly #recentIds = new RecentIds();
  /** The newest append of each stream: calls of their own overtake one another, and would conflict without need. */
  readonly #pending = new Map<StreamName, Promise<unknown>>();

  constructor(connection: EventStoreDbConnection, clock: Clock) {
    this.#connection = connection;
    this.#reader = new EventStoreDbReader(connection);
    this.#appender = new EventStoreDbAppender(connection, this.#reader);
    this.#clock = new RecordingClock(clock);
  }

  async append(stream: StreamName, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendAnswer> {
    const append = checkAppend(stream, expected, events);
    if (this.#connection.closing.aborted) return { answer: 'unavailable', reason: CLOSED };
    this.#recentIds.check(append);
    const before = this.#pending.get(stream) ?? Promise.resolve();
    const recordedAt = this.#clock.now();
    const pending = before.then(() => this.#appender.append(append, recordedAt));
    this.#pending.set(stream, pending);
    const answer = await pending;
    if (this.#pending.get(stream) === pending) this.#pending.delete(stream);
    if (answer.answer === 'appended') this.#recentIds.wrote(append);
    return answer;
  }

  async readStream(stream: StreamName, from = 0): Promise<readonly RecordedEvent[]> {
    checkReadFrom(from);
    return this.#seen(await this.#reader.readStream(stream, from));
  }

  async readAll(after: number, limit: number): Promise<readonly RecordedEvent[]> {
    checkReadLimit(limit);
    checkReadFrom(after);
    return this.#seen((await readAllAfter(this.#connection, after, limit)).map(decoded));
  }

  async *subscribe(after: number, signal: AbortSignal): AsyncGenerator<RecordedEvent, void, void> {
    checkReadFrom(after);
    for await (const event of followAll(this.#connection, after, signal)) {
      this.#clock.saw(event.recordedAt);
      yield event;
    }
  }

  /** Waits for the answer to every append that was sent before. Subscriptions throw StoreUnavailable. */
  async close(): Promise<void> {
    await this.#connection.close(Promise.allSettled(this.#pending.values()));
  }

  #seen(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
    for (const { recordedAt } of events) this.#clock.saw(recordedAt);
    return events;
  }
}
