/** Lets readers that have read everything wait until there may be more. A wake-up is a hint: the woken read again. */
export class WakeUps {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next `wakeAll`, or at once when `signal` aborts. Whoever reads and then waits without awaiting in between misses nothing. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  get waiting(): number {
    return this.#waiting.size;
  }
}
