/** At most `max` holders at a time for each key; the others wait in the order in which they came. */
export class Slots {
  readonly #max: number;
  readonly #held = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(max: number) {
    this.#max = max;
  }

  async hold<Value>(key: string, task: () => Promise<Value>): Promise<Value> {
    await this.#acquire(key);
    try {
      return await task();
    } finally {
      this.#release(key);
    }
  }

  async #acquire(key: string): Promise<void> {
    const held = this.#held.get(key) ?? 0;
    if (held < this.#max) {
      this.#held.set(key, held + 1);
      return;
    }
    await new Promise<void>((resolve) => {
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve]);
    });
  }

  #release(key: string): void {
    const [next, ...rest] = this.#waiting.get(key) ?? [];
    if (next !== undefined) {
      this.#waiting.set(key, rest);
      next();
      return;
    }
    this.#waiting.delete(key);
    this.#held.set(key, (this.#held.get(key) ?? 1) - 1);
  }
}
