/**
 * How a call to the outside ended. `unknown` is neither success nor failure: the effect may stand, may not, or may
 * still come. It is asked about, never assumed.
 */
export type Outcome<Value> =
  | { readonly outcome: 'succeeded'; readonly value: Value }
  | { readonly outcome: 'failed'; readonly reason: string }
  | { readonly outcome: 'unknown'; readonly reason: string };

export const succeeded = <Value>(value: Value): Outcome<Value> => ({ outcome: 'succeeded', value });
export const failed = (reason: string): Outcome<never> => ({ outcome: 'failed', reason });
export const unknown = (reason: string): Outcome<never> => ({ outcome: 'unknown', reason });

/** The values of questions that were asked at one time, in their order; of those that did not succeed, the first. */
export function allOf<Value>(outcomes: readonly Outcome<Value>[]): Outcome<readonly Value[]> {
  const values: Value[] = [];
  for (const outcome of outcomes) {
    if (outcome.outcome !== 'succeeded') return outcome;
    values.push(outcome.value);
  }
  return succeeded(values);
}
