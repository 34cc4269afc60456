import type { z } from 'zod';
import { pythonRepr, pythonStr } from '../python-repr.ts';
import { INVALID_NAME } from './resource-name.ts';

export type Validated<Value> =
  | { readonly valid: true; readonly value: Value }
  /** `message`: Nova's sentence for the first and shallowest of the violations. */
  | { readonly valid: false; readonly message: string };

type Violation = { readonly path: readonly PropertyKey[]; readonly message: string };

/** Checks a body against a schema; called before anything else of the request is looked at (nova.md B.2 row 6). */
export function validate<Value>(schema: z.ZodType<Value>, body: unknown): Validated<Value> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { valid: true, value: parsed.data };
  const [first] = parsed.error.issues
    .map((issue) => violationOf(issue, body))
    .toSorted((one, other) => one.path.length - other.path.length);
  return { valid: false, message: first === undefined ? 'Malformed request body' : sentence(first, body) };
}

function sentence({ path, message }: Violation, body: unknown): string {
  const field = path.at(-1);
  if (field === undefined || message === INVALID_NAME) return message;
  return `Invalid input for field/attribute ${String(field)}. Value: ${pythonStr(valueAt(body, path))}. ${message}`;
}

/** zod blames the key that is missing, jsonschema the object that misses it. */
function violationOf(issue: z.core.$ZodIssue, body: unknown): Violation {
  if (issue.code === 'unrecognized_keys') return { path: issue.path, message: additionalProperties(issue.keys) };
  const field = issue.path.at(-1);
  return field !== undefined && valueAt(body, issue.path) === undefined
    ? { path: issue.path.slice(0, -1), message: `${pythonRepr(String(field))} is a required property` }
    : { path: issue.path, message: issue.message };
}

/** jsonschema's sentence for keys that a schema does not know. */
export function additionalProperties(keys: readonly string[]): string {
  const verb = keys.length === 1 ? 'was' : 'were';
  return `Additional properties are not allowed (${keys.map(pythonRepr).join(', ')} ${verb} unexpected)`;
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? new Map<PropertyKey, unknown>(Object.entries(value)).get(typeof key === 'number' ? String(key) : key)
        : undefined,
    body,
  );
}
