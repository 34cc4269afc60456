import type { Instant } from '../../domain/shared/ids.ts';

export interface Clock {
  now(): Instant;
  /** Resolves after `milliseconds`, or at once when `signal` aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
