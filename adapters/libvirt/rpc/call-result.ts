import type { LibvirtError } from './errors.ts';

/**
 * What is known about a request. `failed`: the server refused it, or it was never sent. `unknown`: it was sent and nobody
 * said how it ended, so its effect must be inquired about.
 */
export type CallResult<Value> =
  | { readonly outcome: 'succeeded'; readonly value: Value }
  | { readonly outcome: 'failed'; readonly error: LibvirtError }
  | { readonly outcome: 'unknown'; readonly reason: string };

/** The longest delay a timer of the runtime can hold. */
const DEADLINE_MS_MAX = 2_147_483_647;

/** Milliseconds from the call on, waiting for a free slot included. */
export interface CallOptions {
  readonly deadlineMs: number;
}

/** A deadline outside the range of a timer would fire at once, so it is treated as the bug it is. */
export function requireDeadline(deadlineMs: number): void {
  if (!(deadlineMs > 0 && deadlineMs <= DEADLINE_MS_MAX)) throw new RangeError(`deadline of ${deadlineMs} ms`);
}
