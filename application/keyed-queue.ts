/** Runs tasks of one key one after another, and tasks of different keys side by side. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Resolves when the task has run. A task must not throw: what it has to say, it records. */
  run(key: string, task: () => Promise<void>): Promise<void> {
    const tail = (this.#tails.get(key) ?? Promise.resolve()).then(task);
    this.#tails.set(key, tail);
    void tail.finally(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return tail;
  }

  /** True while something of this key waits or runs. */
  has(key: string): boolean {
    return this.#tails.has(key);
  }

  /** Resolves when everything that had been given to it has run. */
  async settled(): Promise<void> {
    await Promise.all(this.#tails.values());
  }
}
