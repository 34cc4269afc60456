import { describe, expect, it } from 'vitest';
import { PRODUCTION_RULES } from './model-rules.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { search } from './search.ts';

const DEPTH_MAX = 100_000;
/** One is only met after twenty unanswered inquiries, some 100,000 worlds away. */
const PLANTED_TIMEOUT_MS = 180_000;

describe('every world that a live migration can get into', () => {
  it('keeps the invariants, with two faults', () => {
    const found = search(PRODUCTION_RULES, { faults: 2, levers: 0, depthMax: DEPTH_MAX });
    expect(found.violation).toBeNull();
    expect(found.complete).toBe(true);
    expect(found.states).toBeGreaterThan(10_000);
    expect(Object.keys(found.ends).toSorted()).toEqual(['completed', 'needsOperator', 'rolledBack']);
  });

  it('keeps them where both hosts have the same directory', () => {
    const found = search(PRODUCTION_RULES, { faults: 1, levers: 1, depthMax: DEPTH_MAX, shared: true });
    expect(found.violation).toBeNull();
    expect(found.complete).toBe(true);
    expect(Object.keys(found.ends).toSorted()).toEqual(['completed', 'needsOperator', 'rolledBack']);
  });

  it('keeps them with one fault, an abort and an operator', () => {
    expect(search(PRODUCTION_RULES, { faults: 1, levers: 2, depthMax: DEPTH_MAX }).violation).toBeNull();
  });

  it('is left early when it must not go deeper', () => {
    expect(search(PRODUCTION_RULES, { faults: 0, levers: 0, depthMax: 5 })).toMatchObject({
      complete: false,
      depth: 5,
    });
  });
});

describe('a bug planted into the rules', () => {
  it.each(Object.entries(PLANTED_BUGS))(
    '%s is found',
    (_bug, rules) => {
      const { violation } = search(rules, { faults: 2, levers: 1, depthMax: DEPTH_MAX });
      expect(violation).not.toBeNull();
      expect(violation?.trace[0]).toBe('the migration is accepted');
    },
    PLANTED_TIMEOUT_MS,
  );
});
