import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeEvent } from '../../adapters/event-store/event-codec.ts';
import { EVENT_REGISTRY } from '../../adapters/event-store/event-registry.ts';
import { recogniserOf } from '../../adapters/event-store/recogniser.ts';
import { MIGRATION_HISTORY } from '../bench/migration-history.ts';

const inner = z.object({ kind: z.literal('x'), a: z.int() });
const wider = z.object({ kind: z.literal('x'), a: z.int(), b: z.string() });

/** Every construct that event schemas use, and those whose result is not what went in. */
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  text: z.string(),
  shortText: z.string().max(1),
  trimmed: z.string().trim(),
  address: z.email(),
  number: z.number(),
  positive: z.number().min(1),
  integer: z.int(),
  coerced: z.coerce.number(),
  truth: z.boolean(),
  literals: z.literal(['x', 1, null]),
  enumeration: z.enum(['x', 'y']),
  nullable: z.enum(['x', 'y']).nullable(),
  list: z.array(inner),
  shortList: z.array(z.int()).max(1),
  record: z.record(z.string(), z.string()),
  keyedRecord: z.record(z.enum(['a']), z.string()),
  scalars: z.union([z.boolean(), z.literal('x')]),
  objects: z.union([inner, wider]),
  tagged: z.discriminatedUnion('kind', [inner, z.object({ kind: z.literal('y') })]),
  object: z.object({ kind: z.string(), a: z.number().nullable(), b: z.optional(z.string()), nested: inner }),
  optionalFirst: z.object({ a: z.optional(z.int()), kind: z.string() }),
  withDefault: z.object({ kind: z.string(), b: z.string().default('x') }),
  transformed: z.object({ kind: z.string().transform((text) => text.length) }),
  refined: z.object({ a: z.int(), b: z.string() }).refine(({ a }) => a > 1),
  loose: z.looseObject({ a: z.int() }),
  strict: z.strictObject({ a: z.int() }),
  anything: z.object({ a: z.any() }),
};

const scalar = fc.constantFrom<unknown>(
  '',
  'x',
  'y',
  ' x ',
  0,
  1,
  2,
  1.5,
  -1,
  2 ** 60,
  Infinity,
  true,
  null,
  undefined,
);
const key = fc.constantFrom('kind', 'a', 'b', 'nested', '__proto__', 'c');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, tie('object'), fc.array(tie('value'), { maxLength: 2 })),
  object: fc
    .uniqueArray(fc.tuple(key, fc.oneof(scalar, tie('value'))), { maxLength: 4, selector: ([name]) => name })
    // As JSON.parse does it: `__proto__` becomes a key like any other.
    .map((entries) => Object.fromEntries(entries)),
}));

describe('recogniserOf', () => {
  it.each(Object.entries(SCHEMAS))('recognises of %s only what zod gives back as it is', (_, schema) => {
    const recognise = recogniserOf(schema);
    fc.assert(
      fc.property(value, (candidate) => {
        if (!recognise(candidate)) return;
        const checked = schema.safeParse(candidate);
        expect(checked.error).toBeUndefined();
        expect(checked.data).toStrictEqual(candidate);
        expect(JSON.stringify(checked.data)).toBe(JSON.stringify(candidate));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['list', [{ kind: 'x', a: 1 }]],
    ['record', { c: 'x' }],
    ['scalars', 'x'],
    ['scalars', false],
    ['nullable', null],
    ['tagged', { kind: 'x', a: 1 }],
    ['object', { kind: '', a: null, nested: { kind: 'x', a: 0 } }],
    ['object', { kind: '', a: 1.5, b: '', nested: { kind: 'x', a: 0 } }],
    ['optionalFirst', { kind: '' }],
    ['optionalFirst', { a: 1, kind: '' }],
  ])('recognises a good %s', (name, good) => {
    expect(recogniserOf(SCHEMAS[name] ?? z.never())(good)).toBe(true);
  });

  it.each([
    ['object', { a: 1, kind: '', nested: { kind: 'x', a: 0 } }],
    ['strict', Object.assign(Object.create({ toJSON: () => 1 }), { a: 1 })],
    ['object', { kind: '', a: 1, nested: { kind: 'x', a: 0, b: 'x' } }],
    ['tagged', { kind: 'y', a: 1 }],
    ['objects', { kind: 'x', a: 1, b: 'x' }],
  ])('leaves a %s with other keys, another order or another prototype to zod', (name, odd) => {
    expect(recogniserOf(SCHEMAS[name] ?? z.never())(odd)).toBe(false);
  });

  it('recognises every event of a migration as it is stored, or a replay would be slow', () => {
    for (const event of MIGRATION_HISTORY) {
      const { type, data } = encodeEvent(event);
      expect([type, EVENT_REGISTRY.get(type)?.recognise(JSON.parse(data))]).toEqual([type, true]);
    }
  });
});
