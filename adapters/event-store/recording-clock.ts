import type { Clock } from '../../application/ports/clock.ts';

/**
 * Times for a log that several machines write: never before one that this process has read or written, whatever its own
 * clock says. A writer reads a stream before it appends, so times never fall within a stream.
 */
export class RecordingClock {
  readonly #clock: Clock;
  #latest = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): string {
    const now = this.#clock.now();
    this.saw(now);
    return this.#latest;
  }

  saw(recordedAt: string): void {
    if (recordedAt > this.#latest) this.#latest = recordedAt;
  }
}
