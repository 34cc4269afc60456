import type { Latest, LatestKey, LatestValueOf, LatestValues } from '../../application/ports/latest-values.ts';
import { checkLatestKey, decodeLatestValue } from './latest-value-codec.ts';

/** For a process that has no others beside it. */
export class MemoryLatestValues implements LatestValues {
  readonly #stored = new Map<LatestKey, { readonly revision: number; readonly text: string }>();

  async read<Key extends LatestKey>(key: Key): Promise<Latest<LatestValueOf<Key>> | null> {
    const stored = this.#stored.get(key);
    if (stored === undefined) return null;
    return { revision: stored.revision, value: decodeLatestValue(key, JSON.parse(stored.text)) };
  }

  async write<Key extends LatestKey>(
    key: Key,
    value: LatestValueOf<Key>,
    expected: number | null,
  ): Promise<number | null> {
    checkLatestKey(key);
    const present = this.#stored.get(key)?.revision ?? null;
    if (present !== expected) return null;
    const revision = (present ?? -1) + 1;
    this.#stored.set(key, { revision, text: JSON.stringify(value) });
    return revision;
  }
}
