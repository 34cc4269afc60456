import type { EventStore } from '../../application/ports/event-store.ts';

export type CrashPoint = { readonly call: number; readonly side: 'before' | 'after' };

/**
 * The life of one process: everything it asks of the outside goes through here, and from its death on no answer
 * reaches it any more. What it had already asked for stands.
 */
export class MortalProcess {
  readonly #crashPoint: CrashPoint | null;
  readonly #onDeath: () => void;
  readonly #calls: string[] = [];
  #dead = false;

  constructor(crashPoint: CrashPoint | null, onDeath: () => void = () => undefined) {
    this.#crashPoint = crashPoint;
    this.#onDeath = onDeath;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Every call that may change something, in order: the places where a crash can be put. */
  get calls(): readonly string[] {
    return this.#calls;
  }

  die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#onDeath();
  }

  /** A call that changes something: counted, and perhaps the last one. */
  async effect<Value>(name: string, perform: () => Promise<Value>): Promise<Value> {
    if (this.#dead) return never();
    this.#calls.push(name);
    const call = this.#calls.length;
    if (this.#crashPoint?.call === call && this.#crashPoint.side === 'before') return this.#lastWords();
    const answer = await perform();
    if (this.#crashPoint?.call === call && this.#crashPoint.side === 'after') return this.#lastWords();
    return this.#dead ? never() : answer;
  }

  /** A call that only asks. */
  async question<Value>(perform: () => Promise<Value>): Promise<Value> {
    if (this.#dead) return never();
    const answer = await perform();
    return this.#dead ? never() : answer;
  }

  #lastWords<Value>(): Promise<Value> {
    this.die();
    return never();
  }
}

/** A port as a mortal process sees it: `effects` are counted, its other methods only end with it. */
export function mortalPort<Port extends object>(
  port: Port,
  effects: readonly (keyof Port & string)[],
  process: MortalProcess,
): Port {
  const counted: ReadonlySet<PropertyKey> = new Set(effects);
  return new Proxy(port, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]): unknown => {
        const perform = (): unknown => Reflect.apply(value, target, args);
        if (counted.has(key)) return process.effect(String(key), async () => perform());
        return ANSWERS_AT_ONCE.has(key) ? perform() : process.question(async () => perform());
      };
    },
  });
}

const ANSWERS_AT_ONCE: ReadonlySet<PropertyKey> = new Set(['capabilities', 'definitionHere', 'subscribe']);

/** The log as a mortal process writes it: it may die before an append, or after it and before the answer. */
export const crashingEventStore = (store: EventStore, process: MortalProcess): EventStore =>
  mortalPort(store, ['append'], process);

function never<Value>(): Promise<Value> {
  return new Promise(() => undefined);
}
