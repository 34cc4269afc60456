import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../application/ports/clock.ts';
import { instant, type Instant } from '../../domain/shared/ids.ts';

/** Node's timers fire at once for a longer delay than this. */
const TIMER_MS_MAX = 2_147_483_647;

/** The machine's own clock. `sleep` is measured in process time, so a step of the wall clock neither cuts nor stretches it. */
export class SystemClock implements Clock {
  now(): Instant {
    return instant(new Date().toISOString());
  }

  /** Throws a RangeError for what is not a number of milliseconds from 0 on. */
  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (!Number.isFinite(milliseconds) || milliseconds < 0) throw new RangeError(`sleep: ${milliseconds} ms`);
    for (let left = milliseconds; left >= 0; left -= TIMER_MS_MAX) {
      if (signal?.aborted === true) return;
      await delayUnlessAborted(Math.min(left, TIMER_MS_MAX), signal);
    }
  }
}

async function delayUnlessAborted(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // An abort ends the sleep early; it is not an error of whoever sleeps.
    if (signal?.aborted !== true) throw error;
  }
}
