import { wordAsBoolean } from '../routes/server-query.ts';
import {
  EXTRA_SPEC_NAMESPACES,
  EXTRA_SPECS_WITHOUT_NAMESPACE,
  type ExtraSpecNamespace,
  type ExtraSpecRule,
} from './extra-spec-rules.ts';

/** Namespaces of which there are several, told apart by the group behind their name (`resources_GPU:VGPU`). */
const GROUPED = /^(resources|trait)[a-zA-Z0-9_-]{1,64}$/;

/**
 * Why Nova refuses these extra specs since 2.86, in its words; null when it takes them. A namespace that it does not
 * know may hold anything.
 */
export function refuseExtraSpecs(extraSpecs: Readonly<Record<string, string>>): string | null {
  for (const [name, value] of Object.entries(extraSpecs)) {
    const found = ruleOf(name);
    const refusal = found === 'unknown' ? `extra spec '${name}' does not appear to be a valid extra spec.` : null;
    const complaint = refusal ?? (found === 'free' || found === 'unknown' ? null : refuseValue(value, found));
    if (complaint !== null) return `Validation failed; ${complaint}`;
  }
  return null;
}

function ruleOf(name: string): ExtraSpecRule | 'free' | 'unknown' {
  const colon = name.indexOf(':');
  if (colon === -1) return ownValue(EXTRA_SPECS_WITHOUT_NAMESPACE, name) ?? 'free';
  const prefix = name.slice(0, colon);
  const namespace = EXTRA_SPEC_NAMESPACES.get(GROUPED.exec(prefix)?.[1] ?? prefix);
  return namespace === undefined ? 'free' : (ruleIn(namespace, name.slice(colon + 1)) ?? 'unknown');
}

const ruleIn = ({ named, patterned }: ExtraSpecNamespace, name: string): ExtraSpecRule | null =>
  ownValue(named, name) ?? patterned.find(({ pattern }) => pattern.test(name))?.rule ?? null;

const ownValue = <Value>(record: Readonly<Record<string, Value>>, key: string): Value | null =>
  Object.hasOwn(record, key) ? (record[key] ?? null) : null;

function refuseValue(value: string, rule: ExtraSpecRule): string | null {
  switch (rule.is) {
    case 'anything':
      return null;
    case 'boolean':
      return wordAsBoolean(value) === null ? `'${value}' is not a valid boolean-like value.` : null;
    case 'word':
      return rule.words.includes(value) ? null : `'${value}' is not one of: ${rule.words.join(', ')}.`;
    case 'text':
      return rule.pattern.test(value) ? null : `'${value}' is not of the format '${rule.told}'.`;
    case 'integer':
      return refuseInteger(value, rule);
  }
}

/** As Python reads an integer. */
const INTEGER = /^\s*[+-]?\d+(_\d+)*\s*$/;

function refuseInteger(
  value: string,
  { minimum = -Infinity, maximum = Infinity }: Extract<ExtraSpecRule, { is: 'integer' }>,
): string | null {
  if (!INTEGER.test(value)) return `'${value}' is not a valid integer value.`;
  const number = Number(value.replaceAll('_', ''));
  if (number > maximum) return `'${number}' is greater than the max value of '${maximum}'.`;
  return number < minimum ? `'${number}' is less than the min value of '${minimum}'.` : null;
}
