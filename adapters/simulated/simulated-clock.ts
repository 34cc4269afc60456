import type { Clock } from '../../application/ports/clock.ts';
import { instant, type Instant } from '../../domain/shared/ids.ts';

/** More wake-ups than this in one `advance` mean a loop that sleeps for nothing. */
const WAKE_UPS_MAX = 1_000_000;
const IDLE_WITHIN_MS = 3_600_000;
/** 2026-01-01T00:00:00.000Z */
const EPOCH_MS = 1_767_225_600_000;

type Sleeper = { readonly dueAtMs: number; readonly order: number; readonly wake: () => void };

/**
 * A clock whose time moves only when it is told to. Sleepers wake in order of their time, then in order of their
 * calls, and everything one of them sets off has run before the next one wakes: the same script gives the same run.
 */
export class SimulatedClock implements Clock {
  #nowMs: number;
  /** Asked far more often than it changes. */
  #told: { readonly atMs: number; readonly text: Instant } = { atMs: Number.NaN, text: instant('') };
  #calls = 0;
  #sleepers: readonly Sleeper[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(startMs: number = EPOCH_MS) {
    this.#nowMs = startMs;
  }

  now(): Instant {
    if (this.#told.atMs !== this.#nowMs) {
      this.#told = { atMs: this.#nowMs, text: instant(new Date(this.#nowMs).toISOString()) };
    }
    return this.#told.text;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (!Number.isFinite(milliseconds) || milliseconds < 0) throw new RangeError(`sleep: ${milliseconds} ms`);
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        dueAtMs: this.#nowMs + milliseconds,
        order: (this.#calls += 1),
        wake: () => {
          signal?.removeEventListener('abort', sleeper.wake);
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          resolve();
        },
      };
      signal?.addEventListener('abort', sleeper.wake);
      this.#sleepers = [...this.#sleepers, sleeper];
    });
  }

  /** Moves the time on, waking who is due on the way. Never called from a sleeper: it would wait for itself. */
  advance(milliseconds: number): Promise<void> {
    return this.#inTurn(async () => {
      const endsAtMs = this.#nowMs + milliseconds;
      await this.#wakeUntil(endsAtMs);
      this.#nowMs = endsAtMs;
    });
  }

  /** Moves the time on until nobody sleeps, or only beyond `withinMs` from now (a heartbeat never stops sleeping). */
  runUntilIdle(withinMs: number = IDLE_WITHIN_MS): Promise<void> {
    return this.#inTurn(() => this.#wakeUntil(this.#nowMs + withinMs));
  }

  #inTurn(move: () => Promise<void>): Promise<void> {
    const moved = this.#turn.then(move, move);
    this.#turn = moved;
    return moved;
  }

  async #wakeUntil(endsAtMs: number): Promise<void> {
    for (let wakeUps = 0; wakeUps < WAKE_UPS_MAX; wakeUps += 1) {
      await everythingReadyHasRun();
      const next = this.#earliest();
      if (next === null || next.dueAtMs > endsAtMs) return;
      this.#nowMs = Math.max(this.#nowMs, next.dueAtMs);
      next.wake();
    }
    throw new Error(`SimulatedClock: more than ${WAKE_UPS_MAX} wake-ups`);
  }

  #earliest(): Sleeper | null {
    return this.#sleepers.reduce<Sleeper | null>((first, sleeper) => {
      if (first === null || sleeper.dueAtMs < first.dueAtMs) return sleeper;
      return sleeper.dueAtMs === first.dueAtMs && sleeper.order < first.order ? sleeper : first;
    }, null);
  }
}

/** One turn of the event loop: every promise that could go on has gone on. */
function everythingReadyHasRun(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
