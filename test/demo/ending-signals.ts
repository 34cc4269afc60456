const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
type EndingSignal = (typeof SIGNALS)[number];

/** A shell's own: 128 and the signal's number. */
export const EXIT_CODES: Readonly<Record<EndingSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Hands each signal that asks this process to end to one listener, or to who is just waiting for one. */
export class EndingSignals {
  readonly #onSignal: (signal: EndingSignal) => void;
  #waiting: (() => void) | null = null;

  constructor(onSignal: (signal: EndingSignal) => void) {
    this.#onSignal = onSignal;
    for (const signal of SIGNALS) process.on(signal, this.#listener);
  }

  /** Waits for the next signal, which then does nothing else; those after it are the listener's again. */
  next(): Promise<void> {
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  stopListening(): void {
    for (const signal of SIGNALS) process.removeListener(signal, this.#listener);
  }

  readonly #listener = (signal: NodeJS.Signals): void => {
    const resolve = this.#waiting;
    this.#waiting = null;
    if (resolve !== null) resolve();
    else for (const known of SIGNALS) if (known === signal) this.#onSignal(known);
  };
}
