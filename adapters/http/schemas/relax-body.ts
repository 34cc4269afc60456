import type { z } from 'zod';
import { INVALID_NAME } from './resource-name.ts';

/**
 * What `/v2` does with a body that a microversion would refuse: a property that its schema does not know is dropped
 * (Nova's `relax_additional_properties`), and the spaces around a name are cut off. Names that a pattern decides about,
 * such as those of metadata, are refused as ever, and so is everything else that is wrong: the caller checks what this
 * answers. The body itself is not changed.
 */
export function relaxBody(schema: z.ZodType, body: unknown): unknown {
  let value = body;
  for (;;) {
    const issues = schema.safeParse(value).error?.issues ?? [];
    const relaxed = issues.reduce<unknown>(relaxedBy, value);
    // Each round drops or cuts off something, so there are no more rounds than the body has of either.
    if (relaxed === value) return value;
    value = relaxed;
  }
}

function relaxedBy(value: unknown, issue: z.core.$ZodIssue): unknown {
  if (issue.code === 'unrecognized_keys') return changedAt(value, issue.path, (object) => without(object, issue.keys));
  return issue.message === INVALID_NAME ? changedAt(value, issue.path, trimmed) : value;
}

const trimmed = (name: unknown): unknown => (typeof name === 'string' ? name.trim() : name);

function without(value: unknown, keys: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !keys.includes(name)));
}

/** The same value when nothing changes. */
function changedAt(
  value: unknown,
  [step, ...rest]: readonly PropertyKey[],
  change: (part: unknown) => unknown,
): unknown {
  if (step === undefined) return change(value);
  if (typeof value !== 'object' || value === null) return value;
  const before: unknown = Reflect.get(value, step);
  const after = changedAt(before, rest, change);
  if (after === before) return value;
  return Array.isArray(value)
    ? value.map((item: unknown, index) => (index === step ? after : item))
    : Object.fromEntries(Object.entries(value).map(([name, item]) => [name, name === step ? after : item]));
}
