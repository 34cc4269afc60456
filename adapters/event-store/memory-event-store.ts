import type { Clock } from '../../application/ports/clock.ts';
import {
  type AppendAnswer,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type RecordedEvent,
  StoreUnavailable,
  type StreamName,
} from '../../application/ports/event-store.ts';
import { checkAppend, type CheckedAppend, type CheckedEvent, idTakenElsewhere } from './checked-append.ts';
import { decodeEvent } from './event-codec.ts';
import { checkReadFrom, checkReadLimit } from './read-bounds.ts';
import { subscription } from './subscription.ts';
import { WakeUps } from './wake-ups.ts';

type Row = CheckedEvent & Pick<RecordedEvent, 'stream' | 'revision' | 'position' | 'recordedAt'>;

/** The whole log in this process's memory, as stored text: nobody can change a recorded event through a reference. */
export class MemoryEventStore implements EventStore {
  readonly #clock: Clock;
  readonly #log: Row[] = [];
  readonly #streams = new Map<StreamName, Row[]>();
  readonly #ids = new Set<string>();
  readonly #wakeUps = new WakeUps();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async append(stream: StreamName, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendAnswer> {
    const append = checkAppend(stream, expected, events);
    if (this.#closed) return { answer: 'unavailable', reason: CLOSED };
    const rows = this.#streams.get(stream) ?? [];
    if (append.firstRevision !== rows.length) return this.#repeated(append, rows);
    if (append.events.some((event) => this.#ids.has(event.id))) throw idTakenElsewhere(append);
    this.#write(append, rows);
    this.#wakeUps.wakeAll();
    return { answer: 'appended', revision: rows.length - 1, position: this.#log.length };
  }

  async readStream(stream: StreamName, from = 0): Promise<readonly RecordedEvent[]> {
    checkReadFrom(from);
    this.#refuseWhenClosed();
    return (this.#streams.get(stream) ?? []).slice(from).map(recorded);
  }

  async readAll(after: number, limit: number): Promise<readonly RecordedEvent[]> {
    checkReadLimit(limit);
    return this.#page(after, limit);
  }

  subscribe(after: number, signal: AbortSignal): AsyncIterable<RecordedEvent> {
    const readPage = (position: number, limit: number): readonly RecordedEvent[] => this.#page(position, limit);
    return subscription({ readPage, waitForMore: (until) => this.#wakeUps.wait(until) }, after, signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakeUps.wakeAll();
  }

  #page(after: number, limit: number): readonly RecordedEvent[] {
    checkReadFrom(after);
    this.#refuseWhenClosed();
    // Positions are 1, 2, 3, …: the place in the array is the position of the event before.
    return this.#log.slice(after, after + limit).map(recorded);
  }

  #repeated(append: CheckedAppend, rows: readonly Row[]): AppendAnswer {
    const there = rows.slice(append.firstRevision, append.firstRevision + append.events.length);
    const last = there.at(-1);
    if (last !== undefined && append.events.every((event, index) => event.id === there[index]?.id)) {
      return { answer: 'appended', revision: last.revision, position: last.position };
    }
    return { answer: 'conflict', actual: rows.length === 0 ? 'none' : rows.length - 1 };
  }

  #write(append: CheckedAppend, rows: Row[]): void {
    const now = this.#clock.now();
    const before = this.#log.at(-1)?.recordedAt ?? now;
    const recordedAt = before > now ? before : now;
    for (const event of append.events) {
      const row = {
        ...event,
        stream: append.stream,
        revision: rows.length,
        position: this.#log.length + 1,
        recordedAt,
      };
      rows.push(row);
      this.#log.push(row);
      this.#ids.add(event.id);
    }
    this.#streams.set(append.stream, rows);
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StoreUnavailable(CLOSED);
  }
}

const CLOSED = 'the event store is closed';

const recorded = (row: Row): RecordedEvent => ({
  id: row.id,
  data: decodeEvent(row, row.position),
  metadata: row.metadata,
  stream: row.stream,
  revision: row.revision,
  position: row.position,
  recordedAt: row.recordedAt,
});
