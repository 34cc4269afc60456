import { BACKWARDS, END, START, type ResolvedEvent, type StreamingRead } from '@eventstore/db-client';
import { EventUnreadable, type RecordedEvent, type StreamName } from '../../application/ports/event-store.ts';
import type { EventStoreDbConnection } from './eventstoredb-connection.ts';
import { type ReceivedEvent, recordedEvent } from './eventstoredb-event.ts';
import { EventStoreDbSilent, failureType } from './eventstoredb-failure.ts';

/** Reads of one stream. Every method throws StoreUnavailable and EventUnreadable. */
export class EventStoreDbReader {
  readonly #connection: EventStoreDbConnection;

  constructor(connection: EventStoreDbConnection) {
    this.#connection = connection;
  }

  async readStream(stream: StreamName, from: number): Promise<readonly RecordedEvent[]> {
    const events = await this.#read(stream, BigInt(from));
    if (events === null) {
      await this.#refuseDeleted(stream);
      return [];
    }
    return contiguous(stream, from, events.map(recordedEvent));
  }

  /** At most `count` events of a stream in which others may come first; none for a missing one. Names any stream. */
  async slice(stream: StreamName, from: number, count: number): Promise<readonly RecordedEvent[]> {
    return ((await this.#read(stream, BigInt(from), count)) ?? []).map(recordedEvent);
  }

  /** The newest event of any stream, or null. */
  async last(stream: string): Promise<ReceivedEvent | null> {
    const { client } = this.#connection;
    const options = { direction: BACKWARDS, fromRevision: END, maxCount: 1, requiresLeader: true } as const;
    const events = await this.#collect(() => client.readStream(stream, options));
    return events?.[0] ?? null;
  }

  async #read(stream: StreamName, from: bigint, maxCount?: number): Promise<readonly ReceivedEvent[] | null> {
    const { client } = this.#connection;
    const options = { fromRevision: from === 0n ? START : from, requiresLeader: true } as const;
    return this.#collect(() => client.readStream(stream, maxCount === undefined ? options : { ...options, maxCount }));
  }

  /** A deleted stream reads like a missing one, but the next append would go on at its old revision. */
  async #refuseDeleted(stream: StreamName): Promise<void> {
    const { client, deadlines } = this.#connection;
    const { metadata } = await this.#connection.patiently(() =>
      within(deadlines.attemptMs, client.getStreamMetadata(stream, { requiresLeader: true })),
    );
    if (metadata?.truncateBefore !== undefined) throw incomplete(stream, 'its events were deleted');
  }

  /** Null when there is no such stream. */
  async #collect(read: () => StreamingRead<ResolvedEvent>): Promise<readonly ReceivedEvent[] | null> {
    const { deadlines } = this.#connection;
    return this.#connection.patiently(async () => {
      const events: ReceivedEvent[] = [];
      try {
        for await (const { event } of spoken(read(), deadlines.attemptMs)) if (event !== undefined) events.push(event);
        return events;
      } catch (error) {
        if (failureType(error) === 'stream-not-found') return null;
        if (failureType(error) === 'stream-deleted') throw incomplete('the stream', 'it was tombstoned');
        throw error;
      }
    });
  }
}

/**
 * Rejects after `milliseconds` of waiting for a call that has no deadline of its own, or one the client forgets. What
 * comes of it later is nobody's business.
 */
export async function within<Answer>(milliseconds: number, call: Promise<Answer>): Promise<Answer> {
  const { promise: silent, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new EventStoreDbSilent(`no answer for ${milliseconds} ms`)), milliseconds);
  call.catch(() => undefined);
  try {
    return await Promise.race([call, silent]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a read gives, until it ends or is silent for too long. The client's reads have no deadline. */
async function* spoken(read: StreamingRead<ResolvedEvent>, silenceMs: number): AsyncGenerator<ResolvedEvent> {
  // An error that nobody listens to ends the process, also one that comes after the last event.
  read.on('error', () => undefined);
  const silent = (): void => void read.destroy(new EventStoreDbSilent(`no answer for ${silenceMs} ms`));
  const timer = setTimeout(silent, silenceMs);
  try {
    for await (const event of read) {
      timer.refresh();
      yield event;
    }
  } finally {
    clearTimeout(timer);
    read.cancel().catch(() => undefined);
  }
}

function contiguous(stream: StreamName, from: number, events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  const gap = events.findIndex(({ revision }, index) => revision !== from + index);
  if (gap === -1) return events;
  throw incomplete(stream, `it lacks revision ${from + gap}`, events[gap]?.position);
}

const incomplete = (stream: string, why: string, position = Number.MAX_SAFE_INTEGER): EventUnreadable =>
  new EventUnreadable(
    position,
    `${stream} is not whole: ${why}. An event log keeps everything: take $maxCount, $maxAge and $tb from its metadata, or restore the server from a backup`,
  );
