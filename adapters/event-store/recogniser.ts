import type { z } from 'zod';

/** Whether a schema is certain to accept a value, and to return it as it is. */
export type Recognise = (value: unknown) => boolean;

/**
 * A fast first look at a value: true only when it is plain JSON that `schema` would accept and not change, key order
 * included, so that running the schema can be left out. False says nothing at all: the caller asks the schema, which
 * also words the error. What this file does not know, a transformation for instance, is slow and never wrong.
 */
export function recogniserOf(schema: z.core.$ZodType): Recognise {
  const { anyText, texts, other } = recognised(schema);
  // No text is in `other`, so an object, which is what nearly every caller has, costs no second call.
  if (!anyText && texts.size === 0) return other;
  return (value) => (typeof value === 'string' ? anyText || texts.has(value) : other(value));
}

/** Texts apart from the rest: nearly every member of an event is one, and this spares it a call. */
type Recognised = { readonly anyText: boolean; readonly texts: ReadonlySet<string>; readonly other: Recognise };

type Member = Recognised & { readonly key: string; readonly optional: boolean };

const NO_TEXTS: ReadonlySet<string> = new Set();
const nothing: Recognise = () => false;
const UNKNOWN: Recognised = { anyText: false, texts: NO_TEXTS, other: nothing };

const only = (other: Recognise): Recognised => ({ anyText: false, texts: NO_TEXTS, other });

// What zod gives to those who build on it; `$ZodTypes` is the union of all its own schemas.
// oxlint-disable typescript/no-unsafe-type-assertion, eslint/no-underscore-dangle
const internalsOf = (schema: z.core.$ZodType) => (schema as z.core.$ZodTypes)._zod;
// oxlint-enable typescript/no-unsafe-type-assertion, eslint/no-underscore-dangle

const definitionOf = (schema: z.core.$ZodType) => internalsOf(schema).def;

function recognised(schema: z.core.$ZodType): Recognised {
  const def = definitionOf(schema);
  // A check may refuse, and an overwriting one may change, what its type accepts.
  if (def.checks !== undefined && def.checks.length > 0) return UNKNOWN;
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check
  switch (def.type) {
    case 'string':
      return 'format' in def || def.coerce === true ? UNKNOWN : { anyText: true, texts: NO_TEXTS, other: nothing };
    case 'number':
      return def.coerce === true ? UNKNOWN : only(numberOf('format' in def ? def.format : null));
    case 'boolean':
      return def.coerce === true ? UNKNOWN : only((value) => typeof value === 'boolean');
    case 'literal':
      return oneOf(def.values);
    case 'enum':
      return oneOf(Object.values(def.entries));
    case 'nullable':
      return orNull(recognised(def.innerType));
    case 'array':
      return only(arrayOf(recogniserOf(def.element)));
    case 'record':
      return recordOf(def);
    case 'union':
      return 'discriminator' in def ? only(taggedUnionOf(def.options, String(def.discriminator))) : scalarUnionOf(def);
    case 'object':
      return def.catchall === undefined ? only(objectOf(def.shape)) : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function numberOf(format: unknown): Recognise {
  if (format === 'safeint') return Number.isSafeInteger;
  return format === null ? Number.isFinite : nothing;
}

function oneOf(values: readonly unknown[]): Recognised {
  const all = new Set(values);
  const texts = new Set(values.filter((value) => typeof value === 'string'));
  return { anyText: false, texts, other: (value) => all.has(value) };
}

const orNull = ({ anyText, texts, other }: Recognised): Recognised => ({
  anyText,
  texts,
  other: (value) => value === null || other(value),
});

function arrayOf(element: Recognise): Recognise {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (const item of value) if (!element(item)) return false;
    return true;
  };
}

function recordOf(def: z.core.$ZodRecordDef): Recognised {
  if (!recognised(def.keyType).anyText || def.mode === 'loose') return UNKNOWN;
  const recognise = recogniserOf(def.valueType);
  return only((value) => {
    if (!isPlainObject(value)) return false;
    // zod leaves a key of this name out, so the record would not come back as it is.
    for (const [key, item] of Object.entries(value)) if (key === '__proto__' || !recognise(item)) return false;
    return true;
  });
}

function taggedUnionOf(options: readonly z.core.$ZodType[], discriminator: string): Recognise {
  const byTag = new Map<unknown, Recognise>();
  for (const option of options) {
    const recognise = recogniserOf(option);
    for (const tag of internalsOf(option).propValues?.[discriminator] ?? []) byTag.set(tag, recognise);
  }
  return (value) => isPlainObject(value) && (byTag.get(value[discriminator])?.(value) ?? false);
}

/** Of texts, numbers and the like. Among objects zod takes the first that fits, although a later one may fit better. */
function scalarUnionOf(def: z.core.$ZodUnionDef): Recognised {
  const scalar = def.options.every((option) => SCALARS.has(definitionOf(option).type));
  if (!scalar || def.inclusive === false) return UNKNOWN;
  const options = def.options.map(recognised);
  return {
    anyText: options.some(({ anyText }) => anyText),
    texts: new Set(options.flatMap(({ texts }) => [...texts])),
    other: (value) => options.some(({ other }) => other(value)),
  };
}

const SCALARS: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'literal', 'enum', 'null']);

/** Keys are recognised in the schema's order only, the order they were written in: one comparison for each. */
function objectOf(shape: z.core.$ZodShape): Recognise {
  const members = Object.entries(shape).map(([key, schema]): Member => member(key, schema));
  return (value) => {
    if (!isPlainObject(value)) return false;
    let next = 0;
    for (const key in value) {
      let expected = members[next];
      while (expected !== undefined && expected.key !== key && expected.optional) expected = members[(next += 1)];
      if (expected === undefined || expected.key !== key) return false;
      const item = value[key];
      if (typeof item !== 'string') {
        if (!expected.other(item)) return false;
      } else if (!expected.anyText && !expected.texts.has(item)) return false;
      next += 1;
    }
    while (members[next]?.optional === true) next += 1;
    return next === members.length;
  };
}

function member(key: string, schema: z.core.$ZodType): Member {
  const def = definitionOf(schema);
  if (def.type === 'optional') return { key, optional: true, ...recognised(def.innerType) };
  return { key, optional: false, ...recognised(schema) };
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
