import { z } from 'zod';
import { pythonRepr } from '../python-repr.ts';

/**
 * The types that Nova's JSON schemas are made of, each with the sentence the jsonschema library of Python would say
 * (nova.md B.1). Values are never coerced beyond what Nova accepts.
 */
type Issue = { readonly input?: unknown };

export const notOfType =
  (...types: readonly string[]) =>
  ({ input }: Issue): string =>
    `${pythonRepr(input)} is not of type ${types.map((type) => `'${type}'`).join(', ')}`;

const notOneOf =
  (values: readonly unknown[]) =>
  ({ input }: Issue): string =>
    `${pythonRepr(input)} is not one of ${pythonRepr(values)}`;

type StringBounds = {
  readonly charactersMin?: number;
  readonly charactersMax?: number;
  readonly pattern?: RegExp;
  /** All types the place accepts, when it is not only a string. */
  readonly types?: readonly string[];
};

export const boundedString = ({ charactersMin = 0, charactersMax = 65_535, pattern, types }: StringBounds = {}) => {
  const string = z
    .string({ error: notOfType(...(types ?? ['string'])) })
    .min(charactersMin, { error: ({ input }) => `${pythonRepr(input)} is too short` })
    .max(charactersMax, { error: ({ input }) => `${pythonRepr(input)} is too long` });
  return pattern === undefined
    ? string
    : string.regex(pattern, { error: ({ input }) => `${pythonRepr(input)} does not match '${pattern.source}'` });
};

/** Without a flag: a JSON schema cannot say one. */
export const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;

/** Lower case, as ids are compared. */
export const uuidString = z
  .string({ error: notOfType('string') })
  .regex(UUID, { error: ({ input }) => `${pythonRepr(input)} is not a 'uuid'` })
  .toLowerCase();

const TRUE_WORDS: readonly unknown[] = [true, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes'];
const FALSE_WORDS: readonly unknown[] = [false, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no'];

/** Nova's boolean parameter: the words above and nothing else, in particular not the numbers 0 and 1. */
export const booleanParameter = z
  .unknown()
  .meta({ enum: [...TRUE_WORDS, ...FALSE_WORDS] })
  .transform((input, context) => {
    if (TRUE_WORDS.includes(input)) return true;
    if (FALSE_WORDS.includes(input)) return false;
    return reject(context, input, [...TRUE_WORDS, ...FALSE_WORDS]);
  });

/** As `booleanParameter`, or `auto` in exactly this spelling. */
export const booleanOrAuto = z
  .unknown()
  .meta({ enum: [...TRUE_WORDS, ...FALSE_WORDS, 'auto'] })
  .transform((input, context) => {
    if (input === 'auto') return 'auto' as const;
    if (TRUE_WORDS.includes(input)) return true;
    if (FALSE_WORDS.includes(input)) return false;
    return reject(context, input, [...TRUE_WORDS, ...FALSE_WORDS, 'auto']);
  });

function reject(context: z.core.$RefinementCtx, input: unknown, words: readonly unknown[]): never {
  const wrongType = typeof input !== 'boolean' && typeof input !== 'string';
  const message = wrongType ? notOfType('boolean', 'string')({ input }) : notOneOf(words)({ input });
  context.addIssue({ code: 'custom', message, input });
  return z.NEVER;
}

export const oneOf = <const Value extends string>(values: readonly Value[]) =>
  z.enum(values, { error: notOneOf(values) });

/** An object with no other keys than these. */
export const closedObject = <Shape extends z.core.$ZodLooseShape>(shape: Shape, ...otherTypes: readonly string[]) =>
  z.strictObject(shape, { error: notOfType('object', ...otherTypes) });
