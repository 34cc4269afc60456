/** What a part of a row took. */
export type Chapter = { readonly name: string; readonly seconds: number };

const MS_PER_SECOND = 1000;

/** Tells where the time of a row goes, and what it is just doing. */
export class Stopwatch {
  readonly #entered: (name: string) => void;
  readonly #chapters: Chapter[] = [];
  readonly #begin = performance.now();

  constructor(entered: (name: string) => void) {
    this.#entered = entered;
  }

  /** Since it was made. */
  get seconds(): number {
    return (performance.now() - this.#begin) / MS_PER_SECOND;
  }

  get chapters(): readonly Chapter[] {
    return this.#chapters;
  }

  /** Counted whether it ends well or not. */
  async during<Value>(name: string, act: () => Promise<Value>): Promise<Value> {
    this.#entered(name);
    const begin = this.seconds;
    try {
      return await act();
    } finally {
      this.#chapters.push({ name, seconds: this.seconds - begin });
    }
  }
}
