import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  decodeEvent,
  decodeWith,
  encodeEvent,
  encodeWith,
  EVENT_BYTES_MAX,
} from '../../adapters/event-store/event-codec.ts';
import {
  eventDefinition,
  type EventRegistry,
  type MatchingSchemas,
} from '../../adapters/event-store/event-registry.ts';
import { type DomainEvent, EventUnreadable } from '../../application/ports/event-store.ts';
import { hostName, instant } from '../../domain/shared/ids.ts';

const at = instant('2026-03-01T08:30:00.000Z');
const scheduled = { type: 'InstanceScheduled', host: hostName('compute-1'), at } as const;
const stored = (change: Partial<ReturnType<typeof encodeEvent>>) => ({ ...encodeEvent(scheduled), ...change });

const failed = (reason: string) => ({ type: 'InstanceCreateFailed', reason, at }) as const;
// The compiler would not let these events through.
const refuse = (event: object) => expect(() => encodeEvent(event as DomainEvent));

/** Why an event that was changed after it was stored cannot be read. */
function message(change: Parameters<typeof stored>[0]): string {
  try {
    decodeEvent(stored(change), 7);
  } catch (error) {
    if (!(error instanceof EventUnreadable)) throw error;
    expect(error.position).toBe(7);
    return error.message;
  }
  return 'decoded';
}

describe('encodeEvent', () => {
  it('keeps type, version and the JSON text of the event', () => {
    expect(encodeEvent(scheduled)).toEqual({
      type: 'InstanceScheduled',
      schemaVersion: 1,
      data: '{"type":"InstanceScheduled","host":"compute-1","at":"2026-03-01T08:30:00.000Z"}',
    });
  });

  it('refuses what its schema does not know, what JSON cannot keep, and an unknown type', () => {
    refuse({ ...scheduled, more: 1 }).toThrow('Unrecognized key');
    refuse({ ...scheduled, host: undefined }).toThrow('host: Invalid input');
    refuse({ type: 'StepStarted', step: 'clearSource', attempt: Number.NaN, runner: 'r', at }).toThrow('attempt');
    refuse({ ...scheduled, at: new Date(0) }).toThrow('at: Invalid input');
    refuse({ ...scheduled, type: 'InstanceTeleported' }).toThrow('not in the registry');
    refuse({ ...scheduled, type: '__proto__' }).toThrow('not in the registry');
  });

  it('takes an event of the largest size and refuses one byte more, counted in UTF-8', () => {
    const room = EVENT_BYTES_MAX - Buffer.byteLength(JSON.stringify(failed('')));
    expect(Buffer.byteLength(encodeEvent(failed('x'.repeat(room))).data)).toBe(EVENT_BYTES_MAX);
    expect(() => encodeEvent(failed('x'.repeat(room + 1)))).toThrow('more than 1048576 bytes');
    expect(() => encodeEvent(failed('ü'.repeat(room / 2 + 1)))).toThrow('more than 1048576 bytes');
  });
});

describe('decodeEvent', () => {
  it('drops an optional addition of a newer Lifeboat', () => {
    const data = JSON.stringify({ ...scheduled, rack: 'b2' });
    expect(decodeEvent(stored({ data }), 7)).toEqual(scheduled);
  });

  it('says which event a newer Lifeboat wrote', () => {
    expect(message({ schemaVersion: 2 })).toBe(
      'event InstanceScheduled version 2 at position 7 was written by a newer Lifeboat; upgrade this one',
    );
  });

  it('names place, finding, expectation and remedy for everything else it cannot read', () => {
    expect(message({ type: 'InstanceTeleported' })).toContain('at position 7 is of a type unknown here; upgrade');
    expect(message({ type: 'constructor' })).toContain('is of a type unknown here');
    expect(message({ schemaVersion: 0 })).toContain('expected 1 to 1');
    expect(message({ data: '{"type":' })).toMatch(/at position 7 holds no JSON: .*; .*restore the store from a backup/);
    expect(message({ data: 'null' })).toContain('the event: Invalid input: expected object, received null');
    expect(message({ data: '{"type":"InstanceScheduled","host":3,"at":""}' })).toContain(
      'host: Invalid input: expected string, received number; the stored text was changed',
    );
    expect(message({ data: JSON.stringify({ ...scheduled, type: 'InstanceSpawned' }) })).toContain(
      'type: Invalid input',
    );
  });
});

describe('upcasters', () => {
  type Moved = { readonly type: 'Moved'; readonly from: string; readonly seconds: number };
  const schema = z.object({ type: z.literal('Moved'), from: z.string(), seconds: z.number() });
  const first = z.object({ type: z.literal('Moved'), source: z.string(), ms: z.number() });
  const second = z.object({ type: z.literal('Moved'), from: z.string(), ms: z.number() });
  const registry: EventRegistry<Moved> = new Map([
    [
      'Moved',
      eventDefinition('Moved', schema, schema, [
        (raw) => {
          const { type, source, ms } = first.parse(raw);
          return { type, from: source, ms };
        },
        (raw) => {
          const { type, from, ms } = second.parse(raw);
          return { type, from, seconds: ms / 1000 };
        },
      ]),
    ],
  ]);
  const decode = (schemaVersion: number, event: object) =>
    decodeWith(registry, { type: 'Moved', schemaVersion, data: JSON.stringify(event) }, 3);
  const moved: Moved = { type: 'Moved', from: 'compute-1', seconds: 1.5 };

  it('lift every older version to the current one, each step once', () => {
    expect(decode(1, { type: 'Moved', source: 'compute-1', ms: 1500 })).toEqual(moved);
    expect(decode(2, { type: 'Moved', from: 'compute-1', ms: 1500 })).toEqual(moved);
    expect(decode(3, moved)).toEqual(moved);
  });

  it('are as many as there are older versions', () => {
    expect(encodeWith(registry, moved).schemaVersion).toBe(3);
    expect(() => decode(4, moved)).toThrow('event Moved version 4 at position 3 was written by a newer Lifeboat');
  });

  it('make the event unreadable when they cannot lift what they find', () => {
    expect(() => decode(1, { type: 'Moved' })).toThrow(EventUnreadable);
    expect(() => decode(1, { type: 'Moved' })).toThrow('at position 3 cannot be lifted');
  });
});

describe('the compiler', () => {
  type Schemas = { readonly [Type in DomainEvent['type']]: z.ZodType<Extract<DomainEvent, { readonly type: Type }>> };
  type Wrong<Schema extends z.ZodType> = MatchingSchemas<
    Omit<Schemas, 'InstanceSpawned'> & { InstanceSpawned: Schema }
  >;
  type Verdict<Schema extends z.ZodType> = Wrong<Schema>['InstanceSpawned'] extends z.ZodType ? 'same' : 'differs';

  it('calls a schema the same as its event only when every member is', () => {
    const exact = z.object({ type: z.literal('InstanceSpawned'), at: z.custom<typeof at>() });
    const verdicts: [
      Verdict<typeof exact>,
      Verdict<z.ZodObject<Pick<typeof exact.shape, 'type'>>>,
      Verdict<z.ZodObject<typeof exact.shape & { host: z.ZodString }>>,
      Verdict<z.ZodObject<typeof exact.shape & { host: z.ZodOptional<z.ZodString> }>>,
      Verdict<z.ZodObject<Pick<typeof exact.shape, 'type'> & { at: z.ZodString }>>,
    ] = ['same', 'differs', 'differs', 'differs', 'differs'];
    expect(verdicts).toHaveLength(5);
  });
});
