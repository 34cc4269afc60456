import type { z } from 'zod';

/**
 * What `/v2` does with a body: a property that its schema does not know is dropped, where a microversion would refuse it
 * (Nova's `relax_additional_properties`). Names that a pattern decides about, such as those of metadata, are refused as
 * ever, and so is everything else that is wrong: the caller checks what this answers. The body itself is not changed.
 */
export function dropUnknownProperties(schema: z.ZodType, body: unknown): unknown {
  let value = body;
  for (;;) {
    const issues = schema.safeParse(value).error?.issues ?? [];
    const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys');
    // Each round drops something, so there are no more rounds than the body has properties.
    if (unknown.length === 0) return value;
    value = unknown.reduce<unknown>((before, { path, keys }) => without(before, path, keys), value);
  }
}

function without(value: unknown, [step, ...rest]: readonly PropertyKey[], keys: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? without(item, rest, keys) : item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    step === undefined
      ? entries.filter(([name]) => !keys.includes(name))
      : entries.map(([name, item]) => [name, name === step ? without(item, rest, keys) : item]),
  );
}
