import type { Microversion } from '../../domain/service-version/microversion.ts';
import { badRequest, type HttpAnswer } from './http-answer.ts';
import { pythonRepr, pythonStr } from './python-repr.ts';
import { additionalProperties } from './schemas/validate.ts';
import { supports } from './supports.ts';
import { parseTime } from './time-format.ts';

export type QueryRules = {
  readonly known: readonly string[];
  /** The minor microversion from which unknown parameters are refused; before, they are ignored. */
  readonly strictSince: number;
  /** The sentence for unknown parameters, where it is not the usual one. */
  readonly unknownMessage?: (keys: readonly string[]) => string;
};

/** Null when the query may be used. Only the values of known parameters are looked at. */
export function refuseQuery(query: URLSearchParams, rules: QueryRules, microversion: Microversion): HttpAnswer | null {
  const unknown = [...new Set(query.keys())].filter((key) => !rules.known.includes(key));
  if (unknown.length > 0 && supports(microversion, rules.strictSince)) {
    return badRequest((rules.unknownMessage ?? additionalProperties)(unknown));
  }
  for (const [key, value] of query) {
    const complaint = rules.known.includes(key) ? complaintAbout(key, value) : null;
    if (complaint !== null) {
      return badRequest(`Invalid input for query parameters ${key}. Value: ${pythonStr(value)}. ${complaint}`);
    }
  }
  return refuseTimes(query, rules);
}

function complaintAbout(key: string, value: string): string | null {
  if (key === 'limit' && !/^[0-9]*$/.test(value)) return `${pythonRepr(value)} does not match '^[0-9]*$'`;
  const isTime = key === 'changes-since' || key === 'changes-before';
  return isTime && parseTime(value) === null ? `${pythonRepr(value)} is not a 'date-time'` : null;
}

function refuseTimes(query: URLSearchParams, { known }: QueryRules): HttpAnswer | null {
  if (!known.includes('changes-before')) return null;
  const { since, before } = changedBetween(query);
  return since > before ? badRequest('The value of changes-since must be less than or equal to changes-before.') : null;
}

/** The bounds, in milliseconds since 1970, of when a row was last changed; infinite where the query does not say. */
export function changedBetween(query: URLSearchParams): { readonly since: number; readonly before: number } {
  const since = parseTime(query.get('changes-since') ?? '');
  const before = parseTime(query.get('changes-before') ?? '');
  return { since: since ?? Number.NEGATIVE_INFINITY, before: before ?? Number.POSITIVE_INFINITY };
}
