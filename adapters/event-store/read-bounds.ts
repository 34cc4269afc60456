import { READ_EVENTS_MAX } from '../../application/ports/event-store.ts';

/** Throws when a position or revision to read from is none, or a page is larger than the port allows. */
export function checkReadFrom(from: number): void {
  if (!Number.isSafeInteger(from) || from < 0) throw new Error(`cannot read from ${from}: expected a number from 0`);
}

export function checkReadLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > READ_EVENTS_MAX) {
    throw new Error(`cannot read ${limit} events at once: expected 1 to ${READ_EVENTS_MAX}`);
  }
}
