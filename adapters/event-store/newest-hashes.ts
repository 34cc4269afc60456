import { CHAIN_START, streamHash } from './event-chain.ts';
import type { LogEntry } from './log-entry.ts';

/** Streams whose newest event is remembered: about 3 MB. */
export const REMEMBERED_STREAMS_MAX = 10_000;

/**
 * The hash of the newest event of each stream that was read lately. Nothing is learned from an append's answer: it may
 * be about the same events that somebody else has written before, at another time and so with another hash.
 */
export class NewestHashes {
  readonly #newest = new Map<string, { readonly revision: number; readonly hash: string }>();

  saw(entry: LogEntry): void {
    const { stream, revision } = entry;
    const hash = entry.hash ?? this.#computed(entry);
    if (hash === null) return;
    // Again at the end: the map forgets from its beginning.
    this.#newest.delete(stream);
    this.#newest.set(stream, { revision, hash });
    for (const oldest of this.#newest.keys()) {
      if (this.#newest.size <= REMEMBERED_STREAMS_MAX) break;
      this.#newest.delete(oldest);
    }
  }

  /** Null when that event is not the newest one known. */
  at(stream: string, revision: number): string | null {
    const newest = this.#newest.get(stream);
    return newest?.revision === revision ? newest.hash : null;
  }

  /** Of an event from before events were chained, when the one before it is known. */
  #computed(entry: LogEntry): string | null {
    const before = entry.revision === 0 ? CHAIN_START : this.at(entry.stream, entry.revision - 1);
    return before === null ? null : streamHash(before, entry);
  }
}
