import { NO_STREAM, type AppendExpectedRevision } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import type { Latest, LatestKey, LatestValueOf, LatestValues } from '../../application/ports/latest-values.ts';
import type { EventStoreDbConnection } from './eventstoredb-connection.ts';
import { failureType } from './eventstoredb-failure.ts';
import { EventStoreDbLastEvents } from './eventstoredb-last-events.ts';
import { EventStoreDbReader, within } from './eventstoredb-reader.ts';
import { checkLatestKey, decodeLatestValue } from './latest-value-codec.ts';

/**
 * Each value as the only event of a stream of its own, `lifeboatLatest-<key>`: no reader of the log is shown those, and
 * the server throws older ones away when it is scavenged. The event store closes the connection.
 */
export class EventStoreDbLatestValues implements LatestValues {
  readonly #connection: EventStoreDbConnection;
  readonly #reader: EventStoreDbReader;
  readonly #lastEvents: EventStoreDbLastEvents;

  constructor(connection: EventStoreDbConnection) {
    this.#connection = connection;
    this.#reader = new EventStoreDbReader(connection);
    this.#lastEvents = new EventStoreDbLastEvents(connection);
  }

  async read<Key extends LatestKey>(key: Key): Promise<Latest<LatestValueOf<Key>> | null> {
    const event = await this.#reader.last(streamOf(key));
    return event === null ? null : { revision: Number(event.revision), value: decodeLatestValue(key, event.data) };
  }

  async write<Key extends LatestKey>(
    key: Key,
    value: LatestValueOf<Key>,
    expected: number | null,
  ): Promise<number | null> {
    checkLatestKey(key);
    const stream = streamOf(key);
    await this.#lastEvents.keepOnlyLast(stream);
    const { client, deadlines } = this.#connection;
    const id = randomUUID();
    const data = { ...value };
    const event = { id, type: 'LatestValue', contentType: 'application/json', data, metadata: {} } as const;
    const expectedRevision: AppendExpectedRevision = expected === null ? NO_STREAM : BigInt(expected);
    const options = { expectedRevision, requiresLeader: true, deadline: deadlines.attemptMs } as const;
    const wasWritten = await this.#connection.patiently(async () => {
      try {
        await within(deadlines.attemptMs, client.appendToStream(stream, event, options));
        return true;
      } catch (error) {
        if (failureType(error) !== 'wrong-expected-version') throw error;
        // A try whose answer was lost may be what this one met.
        return (await this.#reader.last(stream))?.id === id;
      }
    });
    return wasWritten ? (expected ?? -1) + 1 : null;
  }
}

/** Any name becomes one that a server takes. */
const streamOf = (key: LatestKey): string => `lifeboatLatest-${encodeURIComponent(key)}`;
