import {
  StoreUnavailable,
  type AppendAnswer,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type RecordedEvent,
  type StreamName,
} from '../../../application/ports/event-store.ts';
import type { Clock } from '../../../application/ports/clock.ts';

/** What the next append meets. */
export type AppendFault = 'writtenButUnknown' | 'lostAndUnknown' | 'conflicts';

const REDELIVERED_EVENTS_MAX = 30;

/** The log behind a network and a disk that fail. What it says it has written, it has. */
export class DisturbedEventStore implements EventStore {
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #latencyMs: () => number;
  /** Decoded once, for a stream is read anew for every decision. */
  readonly #read = new Map<StreamName, readonly RecordedEvent[]>();
  #appendFaults: readonly AppendFault[] = [];
  #redeliver = false;
  #onRecorded: (stream: StreamName, events: readonly NewEvent[]) => void = () => undefined;
  refusesWrites = false;
  refusesReads = false;

  constructor(store: EventStore, clock: Clock, latencyMs: () => number) {
    this.#store = store;
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  /** Told of everything that is written, at the moment it is. */
  onRecorded(listener: (stream: StreamName, events: readonly NewEvent[]) => void): void {
    this.#onRecorded = listener;
  }

  nextAppend(fault: AppendFault): void {
    this.#appendFaults = [...this.#appendFaults, fault];
  }

  /** The next event that a subscriber is given comes with those before it once more. */
  redeliver(): void {
    this.#redeliver = true;
  }

  /** Takes back what no append has met. */
  disarm(): void {
    this.#appendFaults = [];
  }

  async append(stream: StreamName, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendAnswer> {
    await this.#clock.sleep(this.#latencyMs());
    if (this.refusesWrites) return { answer: 'unavailable', reason: 'database or disk is full' };
    const [fault, ...rest] = this.#appendFaults;
    this.#appendFaults = rest;
    if (fault === 'lostAndUnknown') return { answer: 'unknown', reason: 'the connection broke' };
    if (fault === 'conflicts') return { answer: 'conflict', actual: expected };
    const answer = await this.#store.append(stream, expected, events);
    if (answer.answer === 'appended') {
      const before = this.#read.get(stream) ?? [];
      this.#read.set(stream, [...before, ...(await this.#store.readStream(stream, before.length))]);
      this.#onRecorded(stream, events);
    }
    await this.#clock.sleep(this.#latencyMs());
    return fault === 'writtenButUnknown' ? { answer: 'unknown', reason: 'the connection broke' } : answer;
  }

  async readStream(stream: StreamName, from = 0): Promise<readonly RecordedEvent[]> {
    this.#refuseReads();
    return this.#read.get(stream)?.slice(from) ?? [];
  }

  async readAll(after: number, limit: number): Promise<readonly RecordedEvent[]> {
    this.#refuseReads();
    return this.#store.readAll(after, limit);
  }

  async *subscribe(after: number, signal: AbortSignal): AsyncGenerator<RecordedEvent, void, void> {
    const delivered: RecordedEvent[] = [];
    for await (const event of this.#store.subscribe(after, signal)) {
      delivered.push(event);
      if (this.#redeliver) {
        this.#redeliver = false;
        yield* delivered.slice(-REDELIVERED_EVENTS_MAX);
      }
      yield event;
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #refuseReads(): void {
    if (this.refusesReads) throw new StoreUnavailable('unable to open database file');
  }
}
