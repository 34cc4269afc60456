import { setTimeout as wait } from 'node:timers/promises';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { EventUnreadable, StoreUnavailable } from '../../application/ports/event-store.ts';
import type { SharedClient } from './eventstoredb-client.ts';
import { isRefusal, storeUnavailable } from './eventstoredb-failure.ts';

export type EventStoreDbDeadlines = {
  /** One try of an append, and the longest silence of the server in a read. */
  readonly attemptMs: number;
  /** What each event adds to one try of an append: the client sends them one by one. */
  readonly eventMs: number;
  /** All tries of one append or read together: longer than a cluster takes to elect a leader. */
  readonly totalMs: number;
  /** The first pause before a repetition; each further one is twice as long, up to `pauseMaxMs`. */
  readonly pauseMs: number;
  readonly pauseMaxMs: number;
  /** A subscription that hears nothing for so long is made anew: some die without a word. */
  readonly idleMs: number;
};

export const EVENTSTOREDB_DEADLINES: EventStoreDbDeadlines = {
  attemptMs: 3000,
  eventMs: 10,
  totalMs: 10_000,
  pauseMs: 50,
  pauseMaxMs: 1000,
  idleMs: 60_000,
};

export const CLOSED = 'the event store is closed';

/** What the event store and the checkpoint store of one server have in common. Real time throughout: servers know no other. */
export class EventStoreDbConnection {
  readonly client: EventStoreDBClient;
  readonly server: string;
  readonly deadlines: EventStoreDbDeadlines;
  readonly #release: () => Promise<void>;
  readonly #closing = new AbortController();

  constructor({ client, server, release }: SharedClient, deadlines: EventStoreDbDeadlines = EVENTSTOREDB_DEADLINES) {
    this.client = client;
    this.server = server;
    this.deadlines = deadlines;
    this.#release = release;
  }

  /** Aborts when the store is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  refuseWhenClosed(): void {
    if (this.#closing.signal.aborted) throw new StoreUnavailable(CLOSED);
  }

  /** For what may be repeated without harm. Throws StoreUnavailable and what is unreadable. */
  async patiently<Result>(call: () => Promise<Result>): Promise<Result> {
    const giveUpAt = performance.now() + this.deadlines.totalMs;
    for (let attempt = 0; ; attempt += 1) {
      this.refuseWhenClosed();
      try {
        return await call();
      } catch (error) {
        this.refuseWhenClosed();
        const final = isRefusal(error) || error instanceof EventUnreadable || error instanceof StoreUnavailable;
        if (final || performance.now() > giveUpAt) throw storeUnavailable(error, this.server);
      }
      await this.pause(attempt, this.closing);
    }
  }

  /** Ends early, and without a word, when `signal` aborts. */
  async pause(attempt: number, signal: AbortSignal): Promise<void> {
    const { pauseMs, pauseMaxMs } = this.deadlines;
    await wait(Math.min(pauseMs * 2 ** attempt, pauseMaxMs), undefined, { signal }).catch(() => undefined);
  }

  /** Everything that waits ends; what was sent before is answered. */
  async close(settled: Promise<unknown>): Promise<void> {
    this.#closing.abort();
    await settled;
    await this.#release();
  }
}
