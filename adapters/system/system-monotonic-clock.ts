import { uptime } from 'node:os';
import type { MonotonicClock } from '../../application/ports/monotonic-clock.ts';

const MS_PER_SECOND = 1000;

/** Time since the machine was started. Unlike `performance.now()` it goes on while the machine sleeps. */
export class SystemMonotonicClock implements MonotonicClock {
  elapsedMs(): number {
    return uptime() * MS_PER_SECOND;
  }
}
