import { APPEND_EVENTS_MAX, type AppendAnswer } from '../../application/ports/event-store.ts';
import type { CheckedAppend } from './checked-append.ts';
import { BUSY_ATTEMPTS_MAX, BUSY_PAUSE_MS } from './open-sqlite-database.ts';
import type { BatchResult } from './sqlite-append-transaction.ts';

/** Appends that may wait for their turn. More mean that the disk has stopped. */
export const QUEUED_APPENDS_MAX = 10_000;
/** Events in one commit: it blocks the event loop, and every caller of it waits for the last. */
export const BATCH_EVENTS_MAX = APPEND_EVENTS_MAX;

/** After so many appends to one stream and to no other, whoever asks for them is taken to be alone. */
const ALONE_AFTER_APPENDS = 8;
/** Answered at once in one turn of the event loop: each holds up everybody else for the time of a disk sync. */
const AT_ONCE_MAX = 8;

type Waiting = {
  readonly append: CheckedAppend;
  readonly resolve: (answer: AppendAnswer) => void;
  readonly reject: (bug: Error) => void;
};

/**
 * Group commit: while callers are several, everything asked within one turn of the event loop shares one fsync. One who
 * is alone is answered at once: code that is not run is what makes an append fast (docs/benchmarks.md).
 */
export class SqliteAppendQueue {
  readonly #write: (batch: readonly CheckedAppend[]) => BatchResult;
  #waiting: Waiting[] = [];
  /** A batch is scheduled or being written. */
  #running = false;
  /** In this turn of the event loop. */
  #answeredAtOnce = 0;
  #stream = '';
  /** The last ones, all of them to `#stream`. */
  #appendsInARow = 0;
  #lastBatchAppends = 1;
  #settled: (() => void)[] = [];

  constructor(write: (batch: readonly CheckedAppend[]) => BatchResult) {
    this.#write = write;
  }

  /** Rejects, or throws, for a bug of the caller. */
  add(append: CheckedAppend): AppendAnswer | Promise<AppendAnswer> {
    if (this.#isAlone(append)) {
      const result = this.#write([append]);
      if (result.outcome !== 'busy') return this.#answerAtOnce(result);
    }
    if (this.#waiting.length >= QUEUED_APPENDS_MAX) {
      return { answer: 'unavailable', reason: `${QUEUED_APPENDS_MAX} appends are waiting already` };
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, resolve, reject });
      if (!this.#running) this.#schedule();
    });
  }

  /** Resolves when every append that was added has its answer. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#running) this.#settled.push(resolve);
      else resolve();
    });
  }

  /** The first in a turn of the event loop may be; whoever comes after it is, if nobody else has come for long. */
  #isAlone({ stream }: CheckedAppend): boolean {
    this.#appendsInARow = stream === this.#stream ? this.#appendsInARow + 1 : 1;
    this.#stream = stream;
    if (this.#running || this.#lastBatchAppends > 1) return false;
    if (this.#answeredAtOnce === 0) return true;
    return this.#appendsInARow > ALONE_AFTER_APPENDS && this.#answeredAtOnce < AT_ONCE_MAX;
  }

  #answerAtOnce(result: BatchResult): AppendAnswer {
    if (this.#answeredAtOnce === 0) setImmediate(() => (this.#answeredAtOnce = 0));
    this.#answeredAtOnce += 1;
    const answer = answerOf(result, 0);
    if (answer instanceof Error) throw answer;
    return answer;
  }

  #schedule(): void {
    this.#running = true;
    setImmediate(() => this.#writeBatch(this.#takeBatch(), 1));
  }

  // Real time, not the Clock port's: another process holds the lock, and it knows no simulated time.
  #writeBatch(batch: readonly Waiting[], attempt: number): void {
    this.#lastBatchAppends = batch.length;
    const result = this.#write(batch.map(({ append }) => append));
    if (result.outcome === 'busy' && attempt < BUSY_ATTEMPTS_MAX) {
      setTimeout(() => this.#writeBatch(batch, attempt + 1), BUSY_PAUSE_MS);
      return;
    }
    settle(batch, result);
    if (this.#waiting.length > 0) return this.#schedule();
    this.#running = false;
    for (const resolve of this.#settled.splice(0)) resolve();
  }

  #takeBatch(): readonly Waiting[] {
    let events = 0;
    const full = this.#waiting.findIndex(({ append }) => (events += append.events.length) > BATCH_EVENTS_MAX);
    return this.#waiting.splice(0, full === -1 ? this.#waiting.length : full);
  }
}

function settle(batch: readonly Waiting[], result: BatchResult): void {
  for (const [index, { resolve, reject }] of batch.entries()) {
    const answer = answerOf(result, index);
    if (answer instanceof Error) reject(answer);
    else resolve(answer);
  }
}

function answerOf(result: BatchResult, index: number): AppendAnswer | Error {
  if (result.outcome === 'failed') return result.answer;
  if (result.outcome === 'busy') return { answer: 'unavailable', reason: BUSY };
  return result.results[index] ?? new Error(`append ${index} of a batch has no result`);
}

const BUSY = 'another process keeps the file locked: end it, or wait for it';
