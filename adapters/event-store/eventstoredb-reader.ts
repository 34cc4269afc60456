import { BACKWARDS, END, START, type ResolvedEvent, type StreamingRead } from '@eventstore/db-client';
import { EventUnreadable, type RecordedEvent, type StreamName } from '../../application/ports/event-store.ts';
import type { EventStoreDbConnection } from './eventstoredb-connection.ts';
import { decoded, logEntry, type ReceivedEvent, recordedEvent } from './eventstoredb-event.ts';
import { EventStoreDbSilent, failureType } from './eventstoredb-failure.ts';
import { CHAIN_START, streamHash } from './event-chain.ts';
import type { LogEntry } from './log-entry.ts';
import { NewestHashes } from './newest-hashes.ts';

/** Reads of one stream. Every method throws StoreUnavailable and EventUnreadable. */
export class EventStoreDbReader {
  readonly #connection: EventStoreDbConnection;
  readonly #hashes = new NewestHashes();

  constructor(connection: EventStoreDbConnection) {
    this.#connection = connection;
  }

  async readStream(stream: StreamName, from: number): Promise<readonly RecordedEvent[]> {
    const events = await this.#read(stream, BigInt(from));
    if (events === null) {
      await this.#refuseDeleted(stream);
      return [];
    }
    const entries = contiguous(stream, from, events.map(logEntry));
    this.saw(entries);
    return entries.map(decoded);
  }

  /** The hash of that event in the chain of its stream, or null when there is none. */
  async hashAt(stream: StreamName, revision: number): Promise<string | null> {
    const known = this.#hashes.at(stream, revision);
    if (known !== null) return known;
    const there = await this.#read(stream, BigInt(revision), 1);
    if (there === null || there.length === 0) return null;
    const [entry] = contiguous(stream, revision, there.map(logEntry));
    if (entry !== undefined && entry.hash !== null) return entry.hash;
    // Written before events were chained: the chain is counted from the stream's first event.
    const events = (await this.#read(stream, 0n, revision + 1)) ?? [];
    return contiguous(stream, 0, events.map(logEntry)).reduce(streamHash, CHAIN_START);
  }

  /** Whoever reads a stream and then appends to it need not ask for the hash. */
  saw(entries: readonly LogEntry[]): void {
    for (const entry of entries) this.#hashes.saw(entry);
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

function contiguous(stream: StreamName, from: number, events: readonly LogEntry[]): readonly LogEntry[] {
  const gap = events.findIndex(({ revision }, index) => revision !== from + index);
  if (gap === -1) return events;
  throw incomplete(stream, `it lacks revision ${from + gap}`, events[gap]?.position);
}

const incomplete = (stream: string, why: string, position = Number.MAX_SAFE_INTEGER): EventUnreadable =>
  new EventUnreadable(
    position,
    `${stream} is not whole: ${why}. An event log keeps everything: take $maxCount, $maxAge and $tb from its metadata, or restore the server from a backup`,
  );
