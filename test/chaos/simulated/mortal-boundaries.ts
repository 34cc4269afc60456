import type { MortalProcess } from '../../support/crashing-event-store.ts';

export type Side = 'before' | 'after';

/** Told of every call that a process makes, just before it is made and just after it has taken effect. */
export type AtBoundary = (side: Side) => void;

const PASSED_ON: ReadonlySet<PropertyKey> = new Set([
  'host',
  'capabilities',
  'definitionHere',
  'subscribe',
  'close',
  'hostFacts',
]);

/** A port whose every call may be the moment of a fault; a process that dies before a call has not made it. */
export function withBoundaries<Port extends object>(port: Port, life: MortalProcess, atBoundary: AtBoundary): Port {
  return new Proxy(port, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (PASSED_ON.has(key)) return (...args: readonly unknown[]): unknown => Reflect.apply(value, target, args);
      return async (...args: readonly unknown[]): Promise<unknown> => {
        if (!life.dead) atBoundary('before');
        if (life.dead) return new Promise(() => undefined);
        const answer: unknown = await Reflect.apply(value, target, args);
        if (!life.dead) atBoundary('after');
        return answer;
      };
    },
  });
}
