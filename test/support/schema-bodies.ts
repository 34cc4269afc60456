import * as fc from 'fast-check';
import type { ComputeRoute } from '../../adapters/http/compute-route.ts';
import { bodyRanges } from '../../adapters/http/openapi/body-ranges.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** A body as its route's description has it, at a microversion for which it is described. */
export type DescribedBody = { readonly route: ComputeRoute; readonly minor: number; readonly body: unknown };

const OPTIONAL_PARTS_MAX = 3;
const ITEMS_MAX = 2;
const TEXT_CHARACTERS_MAX = 60;
/** What some field or other asks for, beside the names of things. */
const TEXTS = [
  'a',
  '10',
  'none',
  'auto',
  '192.0.2.1',
  '2001:db8::1',
  'aGVsbG8=',
  'hw:cpu_policy',
  '2030-01-01T00:00:00Z',
];

/** Bodies for every route and action that reads one; the names in them are mostly of `known` things. */
export function describedBodies(
  routes: readonly ComputeRoute[],
  known: readonly string[],
): fc.Arbitrary<DescribedBody> {
  const words = [...known, ...TEXTS];
  const described = routes.flatMap((route) => bodyRanges(route).map((range) => ({ route, range })));
  // First what is asked, then when: otherwise what has often changed would be asked most.
  const kinds = [
    ...Map.groupBy(described, ({ route, range }) => `${route.method} ${route.path} ${range.action ?? ''}`),
  ];
  return fc
    .constantFrom(...kinds)
    .chain(([, ranges]) => fc.constantFrom(...ranges))
    .chain(({ route, range }) =>
      fc.record({
        route: fc.constant(route),
        minor: fc.integer({ min: range.first, max: range.last }),
        body: valueOf(range.schema, words),
      }),
    );
}

function valueOf(schema: JsonSchema, words: readonly string[]): fc.Arbitrary<unknown> {
  if (Array.isArray(schema['anyOf'])) {
    return fc.oneof(...schema['anyOf'].map((choice: JsonSchema) => valueOf(choice, words)));
  }
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as readonly unknown[]));
  if ('const' in schema) return fc.constant(schema['const']);
  switch (schema['type']) {
    case 'object':
      return objectOf(schema, words);
    case 'array':
      return fc.array(valueOf(Object(schema['items']) as JsonSchema, words), {
        minLength: numberOf(schema['minItems'], 0),
        maxLength: Math.min(numberOf(schema['maxItems'], ITEMS_MAX), ITEMS_MAX),
      });
    case 'string':
      return textOf(schema, words);
    case 'integer':
    case 'number':
      return fc.integer({ min: numberOf(schema['minimum'], -2), max: Math.min(numberOf(schema['maximum'], 999), 999) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.oneof(
        { weight: 2, arbitrary: fc.integer({ min: 1, max: 999 }) },
        { weight: 1, arbitrary: fc.constantFrom(null, ...words) },
        { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
      );
  }
}

function objectOf(schema: JsonSchema, words: readonly string[]): fc.Arbitrary<unknown> {
  const properties = Object(schema['properties']) as Readonly<Record<string, JsonSchema>>;
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly string[]) : [];
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  const more = schema['additionalProperties'];
  const others =
    typeof more === 'object' && more !== null
      ? fc.dictionary(fc.constantFrom(...words), valueOf(more as JsonSchema, words), { maxKeys: ITEMS_MAX })
      : fc.constant({});
  const chosen = fc.subarray(optional, { maxLength: Math.min(OPTIONAL_PARTS_MAX, optional.length) });
  const described = chosen.chain((names) =>
    fc.record(
      Object.fromEntries([...required, ...names].map((name) => [name, valueOf(properties[name] ?? {}, words)])),
    ),
  );
  return fc.tuple(others, described).map(([rest, own]) => ({ ...rest, ...own }));
}

function textOf(schema: JsonSchema, words: readonly string[]): fc.Arbitrary<string> {
  const minLength = numberOf(schema['minLength'], 0);
  const maxLength = Math.min(numberOf(schema['maxLength'], TEXT_CHARACTERS_MAX), TEXT_CHARACTERS_MAX);
  const pattern = typeof schema['pattern'] === 'string' ? new RegExp(schema['pattern']) : null;
  const fits = words.filter((word) => word.length >= minLength && pattern?.test(word) !== false);
  const any = fc.string({ unit: 'binary', minLength, maxLength });
  return fits.length === 0
    ? any
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...fits) }, { weight: 1, arbitrary: any });
}

const numberOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
