import { type CheckedAppend, idTakenElsewhere } from './checked-append.ts';

/** So many ids of this process's own appends are remembered: about 2 MB. */
export const RECENT_IDS_MAX = 10_000;

/**
 * Finds the caller who uses one event id at two places. EventStoreDB compares ids only at the place of an append, so
 * this sees what the process itself has written lately, which is where such a bug shows.
 */
export class RecentIds {
  readonly #places = new Map<string, string>();

  /** Throws when an id of the append is recorded at another place. */
  check(append: CheckedAppend): void {
    for (const [index, { id }] of append.events.entries()) {
      const place = this.#places.get(id);
      if (place !== undefined && place !== placeOf(append, index)) throw idTakenElsewhere(append);
    }
  }

  wrote(append: CheckedAppend): void {
    for (const [index, { id }] of append.events.entries()) this.#places.set(id, placeOf(append, index));
    for (const id of this.#places.keys()) {
      if (this.#places.size <= RECENT_IDS_MAX) break;
      this.#places.delete(id);
    }
  }
}

const placeOf = ({ stream, firstRevision }: CheckedAppend, index: number): string =>
  `${firstRevision + index} ${stream}`;
