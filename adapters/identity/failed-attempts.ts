/** As many wrong passwords in one window as a person or a script with an old one makes before it is told to wait. */
export const FAILURES_MAX = 20;
export const WINDOW_MS = 60_000;
/** Above that many different users and addresses the oldest are forgotten: memory is bounded, and scrypt still slow. */
const KEYS_MAX = 10_000;

type Window = { readonly beganMs: number; readonly failures: number };

/** Counts wrong passwords for each key in fixed windows. A right password does not clear them: that would help who guesses. */
export class FailedAttempts {
  readonly #windows = new Map<string, Window>();

  /** Until the next attempt may be made; 0: at once. */
  waitMs(key: string, nowMs: number): number {
    const window = this.#current(key, nowMs);
    return window === null || window.failures < FAILURES_MAX ? 0 : window.beganMs + WINDOW_MS - nowMs;
  }

  failed(key: string, nowMs: number): void {
    const window = this.#current(key, nowMs) ?? { beganMs: nowMs, failures: 0 };
    // Deleted first, so that the map stays in the order of the last failure.
    this.#windows.delete(key);
    this.#windows.set(key, { ...window, failures: window.failures + 1 });
    const oldest = this.#windows.keys().next();
    if (this.#windows.size > KEYS_MAX && oldest.done !== true) this.#windows.delete(oldest.value);
  }

  #current(key: string, nowMs: number): Window | null {
    const window = this.#windows.get(key);
    return window === undefined || nowMs >= window.beganMs + WINDOW_MS ? null : window;
  }
}
