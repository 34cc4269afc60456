/** Values that are believed for a while. The one that was put in first gives way when there are too many. */
export class BoundedCache<Value> {
  readonly #max: number;
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string, nowMs: number): Value | null {
    const entry = this.#entries.get(key);
    return entry === undefined || nowMs >= entry.untilMs ? null : entry.value;
  }

  set(key: string, value: Value, untilMs: number): void {
    // Deleted first, so that a renewed one is the newest again.
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs });
    const first = this.#entries.keys().next();
    if (this.#entries.size > this.#max && first.done !== true) this.#entries.delete(first.value);
  }
}
