import type { JSONEventData, Position } from '@eventstore/db-client';
import { z } from 'zod';
import { EventUnreadable, type RecordedEvent, type StreamName } from '../../application/ports/event-store.ts';
import type { CheckedEvent } from './checked-append.ts';
import { decodeEvent } from './event-codec.ts';
import type { LogEntry } from './log-entry.ts';

/** Names with `$` are the server's: its by-correlation projection reads these two. */
const storedMetadata = z.object({
  $correlationId: z.string(),
  $causationId: z.string(),
  actor: z.string(),
  schemaVersion: z.number().int(),
  recordedAt: z.string(),
  /** Missing from what was written before events were chained. */
  hash: z.string().optional(),
});

/** What the client gives for one event, as far as it is read here. */
export type ReceivedEvent = {
  readonly streamId: string;
  readonly id: string;
  readonly revision: bigint;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly position?: Position | undefined;
};

/**
 * The time is written by Lifeboat and not taken from the server, so that a log that is copied keeps it. `data` is parsed
 * from the text that the codec made: whatever JSON cannot hold has been refused before the client sees it.
 */
export function eventToSend(
  { id, type, schemaVersion, data, metadata }: CheckedEvent,
  { recordedAt, hash }: Pick<LogEntry, 'recordedAt' | 'hash'>,
): JSONEventData {
  const { correlationId, causationId, actor } = metadata;
  return {
    id,
    type,
    contentType: 'application/json',
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    data: JSON.parse(data) as Record<string, unknown>,
    metadata: { $correlationId: correlationId, $causationId: causationId, actor, schemaVersion, recordedAt, hash },
  };
}

/** Throws EventUnreadable, for foreign and damaged events alike. */
export function recordedEvent(event: ReceivedEvent): RecordedEvent {
  return decoded(logEntry(event));
}

/** Throws EventUnreadable for an event that this Lifeboat cannot read. */
export function decoded(entry: LogEntry): RecordedEvent {
  const { id, metadata, stream, revision, position, recordedAt } = entry;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const known = stream as StreamName;
  return { id, data: decodeEvent(entry, position), metadata, stream: known, revision, position, recordedAt };
}

/** Not yet decoded. Throws EventUnreadable for what no Lifeboat has written. */
export function logEntry(event: ReceivedEvent): LogEntry {
  const position = positionNumber(event);
  const stored = storedMetadata.safeParse(event.metadata);
  if (!stored.success) {
    const why = 'lacks the metadata of a Lifeboat event: another program has written to a stream of Lifeboat';
    throw new EventUnreadable(position, `event ${event.type} at position ${position} of ${event.streamId} ${why}`);
  }
  const { $correlationId: correlationId, $causationId: causationId, actor, schemaVersion, recordedAt } = stored.data;
  return {
    id: event.id.toLowerCase(),
    type: event.type,
    schemaVersion,
    // A text is what the client could not parse; the codec says what is wrong with it.
    data: typeof event.data === 'string' ? event.data : JSON.stringify(event.data),
    metadata: { correlationId, causationId, actor },
    stream: event.streamId,
    revision: safeNumber(event.revision, event),
    position,
    recordedAt,
    hash: stored.data.hash ?? null,
  };
}

/** A position of the port, as the server's. It wrote `commit` and `prepare` alike for every event of ours. */
export const serverPosition = (position: number): Position => ({ commit: BigInt(position), prepare: BigInt(position) });

/**
 * The port's number for a place in `$all`. Throws EventUnreadable where two events could get the same: one of an old
 * transaction (commit and prepare differ), and one beyond 2^53 (9 PB; also what servers before 22.6 say for "unknown").
 */
export function positionNumber(event: ReceivedEvent): number {
  const { position } = event;
  if (position === undefined) throw withoutPlace(event, 'comes without a position');
  if (position.commit !== position.prepare) {
    throw withoutPlace(event, `was written in a transaction (commit ${position.commit}, prepare ${position.prepare})`);
  }
  return safeNumber(position.commit, event);
}

function safeNumber(value: bigint, event: ReceivedEvent): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw withoutPlace(
      event,
      `is at ${value}, more than 2^53: a server before 22.6, or a log this version cannot read`,
    );
  }
  return Number(value);
}

const withoutPlace = ({ type, id, streamId }: ReceivedEvent, why: string): EventUnreadable =>
  new EventUnreadable(Number.MAX_SAFE_INTEGER, `event ${type} ${id} of ${streamId} ${why}`);
