const UINT32 = 2 ** 32;

/** Numbers that look random and are the same for the same seed: splitmix32. */
export class SeededRandom {
  #state: number;

  /** `seeds`: any whole numbers, such as the run's seed and a round's number; each combination is a sequence of its own. */
  constructor(...seeds: readonly number[]) {
    this.#state = seeds.reduce((state, seed) => mixed((Math.imul(state, 31) + seed) | 0), 0x9e3779b9);
  }

  /** From 0 up to, and without, 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return (mixed(this.#state) >>> 0) / UINT32;
  }

  /** A whole number, both ends included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Throws for an empty list. */
  pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(this.next() * list.length)];
    if (picked === undefined) throw new Error('SeededRandom: nothing to pick from');
    return picked;
  }

  shuffled<T>(list: readonly T[]): readonly T[] {
    const keyed = list.map((value) => ({ value, key: this.next() }));
    return keyed.toSorted((one, other) => one.key - other.key).map(({ value }) => value);
  }
}

function mixed(state: number): number {
  let mix = state ^ (state >>> 16);
  mix = Math.imul(mix, 0x21f0aaad);
  mix ^= mix >>> 15;
  mix = Math.imul(mix, 0x735a2d97);
  return mix ^ (mix >>> 15);
}
