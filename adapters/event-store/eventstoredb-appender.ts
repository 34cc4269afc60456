import { type AppendExpectedRevision, type AppendResult, type JSONEventData, NO_STREAM } from '@eventstore/db-client';
import type { AppendAnswer } from '../../application/ports/event-store.ts';
import type { CheckedAppend } from './checked-append.ts';
import { CHAIN_START, chainHash } from './event-chain.ts';
import { CLOSED, type EventStoreDbConnection } from './eventstoredb-connection.ts';
import { eventToSend } from './eventstoredb-event.ts';
import { explain, failureType, isCertainlyNotWritten, isRefusal } from './eventstoredb-failure.ts';
import { type EventStoreDbReader, within } from './eventstoredb-reader.ts';

/** Appends to one stream, each with a deadline of its own and repeated with the same ids while its fate is unknown. */
export class EventStoreDbAppender {
  readonly #connection: EventStoreDbConnection;
  readonly #reader: EventStoreDbReader;

  constructor(connection: EventStoreDbConnection, reader: EventStoreDbReader) {
    this.#connection = connection;
    this.#reader = reader;
  }

  /** Never rejects for what a server or a network does. */
  async append(append: CheckedAppend, recordedAt: string): Promise<AppendAnswer> {
    const { deadlines, closing } = this.#connection;
    const giveUpAt = performance.now() + deadlines.totalMs;
    const events = await this.#chained(append, recordedAt).catch((error: unknown) =>
      explain(error, this.#connection.server),
    );
    if (typeof events === 'string') return { answer: 'unavailable', reason: events };
    if (events === null) return this.#conflict(append, false);
    let perhapsWritten = false;
    for (let attempt = 0; ; attempt += 1) {
      let reason = CLOSED;
      try {
        // Each try gets the whole of its time: it may be the one that finds out what became of those before.
        return await this.#appended(append, await this.#send(append, events));
      } catch (error) {
        if (failureType(error) === 'wrong-expected-version') return await this.#conflict(append, perhapsWritten);
        perhapsWritten ||= !isCertainlyNotWritten(error);
        reason = explain(error, this.#connection.server);
        if (isRefusal(error)) return { answer: perhapsWritten ? 'unknown' : 'unavailable', reason };
      }
      if (closing.aborted || performance.now() > giveUpAt) {
        return { answer: perhapsWritten ? 'unknown' : 'unavailable', reason };
      }
      await this.#connection.pause(attempt, closing);
    }
  }

  /** Null when the stream does not have the event that these would follow. */
  async #chained(append: CheckedAppend, recordedAt: string): Promise<readonly JSONEventData[] | null> {
    const { stream, firstRevision } = append;
    const before = firstRevision === 0 ? CHAIN_START : await this.#reader.hashAt(stream, firstRevision - 1);
    if (before === null) return null;
    let hash = before;
    return append.events.map((event, index) => {
      const revision = firstRevision + index;
      hash = chainHash({ previous: hash, place: revision, stream, revision, recordedAt }, event);
      return eventToSend(event, { recordedAt, hash });
    });
  }

  #send({ stream, firstRevision }: CheckedAppend, events: readonly JSONEventData[]): Promise<AppendResult> {
    const { client, deadlines } = this.#connection;
    const expectedRevision: AppendExpectedRevision = firstRevision === 0 ? NO_STREAM : BigInt(firstRevision - 1);
    const deadline = deadlines.attemptMs + events.length * deadlines.eventMs;
    const options = { expectedRevision, requiresLeader: true, deadline } as const;
    return within(deadline, client.appendToStream(stream, [...events], options));
  }

  async #appended(append: CheckedAppend, { nextExpectedRevision, position }: AppendResult): Promise<AppendAnswer> {
    const revision = lastRevision(append);
    if (nextExpectedRevision !== BigInt(revision)) {
      // The stream had been deleted and this write has brought it back at a later revision: reading it says so.
      return { answer: 'conflict', actual: Number(nextExpectedRevision) };
    }
    if (position !== undefined && position.commit > 0n && position.commit <= BigInt(Number.MAX_SAFE_INTEGER)) {
      return { answer: 'appended', revision, position: Number(position.commit) };
    }
    // Some servers know no position of an append that they recognise as a repetition.
    return (await this.#ours(append)) ?? { answer: 'unknown', reason: 'EventStoreDB: it did not say where it wrote' };
  }

  /** Also after a conflict the events may be our own: of a try whose answer was lost. */
  async #conflict(append: CheckedAppend, perhapsWritten: boolean): Promise<AppendAnswer> {
    try {
      const ours = await this.#ours(append);
      if (ours !== null) return ours;
      const last = await this.#reader.last(append.stream);
      return { answer: 'conflict', actual: last === null ? 'none' : Number(last.revision) };
    } catch (error) {
      return { answer: perhapsWritten ? 'unknown' : 'unavailable', reason: explain(error, this.#connection.server) };
    }
  }

  /** The answer for an append that stands in the log already, or null. */
  async #ours(append: CheckedAppend): Promise<AppendAnswer | null> {
    const there = await this.#reader.slice(append.stream, append.firstRevision, append.events.length);
    const last = there.at(-1);
    if (last === undefined || !append.events.every(({ id }, index) => id === there[index]?.id)) return null;
    return { answer: 'appended', revision: last.revision, position: last.position };
  }
}

const lastRevision = ({ firstRevision, events }: CheckedAppend): number => firstRevision + events.length - 1;
