import { describe, expect, it } from 'vitest';
import { chaosRows, chaosTable } from './chaos-table.ts';
import { allSlots, planRound } from './plan-rounds.ts';
import { FAULTS, PHASES, type RoundOutcome } from './round.ts';
import { SeededRandom } from './seeded-random.ts';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('the plan of a run', () => {
  it('follows from the seed and the round’s number alone', () => {
    expect(numbers(200).map((round) => planRound(5, round))).toEqual(numbers(200).map((round) => planRound(5, round)));
    expect(planRound(5, 17)).not.toEqual(planRound(6, 17));
    expect(planRound(5, 17)).not.toEqual({ ...planRound(5, 18), round: 17 });
  });

  it('meets every fault in every phase once before any twice', () => {
    const slots = allSlots(null);
    const met = numbers(slots.length).map((round) => planRound(9, round).faults[0]);
    const named = met.map((planned) => `${planned?.fault} ${planned?.phase}`);
    expect(new Set(named).size).toBe(slots.length);
    expect(new Set(met.map((planned) => planned?.fault))).toEqual(new Set(FAULTS));
    expect(new Set(met.map((planned) => planned?.phase))).toEqual(new Set(PHASES));
  });

  it('keeps to one fault when asked', () => {
    const faults = numbers(20).map((round) => planRound(1, round, 'network-cut').faults[0]?.fault);
    expect(new Set(faults)).toEqual(new Set(['network-cut']));
  });
});

describe('seeded random numbers', () => {
  it('repeat for the same seeds, and differ for others', () => {
    const drawn = (...seeds: readonly number[]): readonly number[] => {
      const random = new SeededRandom(...seeds);
      return numbers(50).map(() => random.next());
    };
    expect(drawn(1, 2)).toEqual(drawn(1, 2));
    expect(drawn(1, 2)).not.toEqual(drawn(2, 1));
    expect(new Set(drawn(1, 2)).size).toBe(50);
  });

  it('spread evenly over whole numbers, both ends included', () => {
    const random = new SeededRandom(3);
    const counts = new Map<number, number>();
    for (const _ of numbers(6000)) {
      const drawn = random.integer(1, 6);
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const count of counts.values()) expect(count).toBeGreaterThan(800);
  });
});

describe('the table of a run', () => {
  const base = { round: 1, outcome: 'completed', recoveryMs: 10, guestSilenceMs: null, violations: [] } as const;
  const outcomes: readonly RoundOutcome[] = [
    { ...base, fault: 'network-cut', phase: 'finish' },
    { ...base, fault: 'network-cut', phase: 'finish', outcome: 'rolled back', recoveryMs: 30, guestSilenceMs: 7 },
    { ...base, fault: 'store-full + none', phase: 'rescue + finish', violations: [{ invariant: 'heard', what: 'no' }] },
  ];

  it('counts endings and keeps the worst figures, for each fault and phase', () => {
    expect(chaosRows(outcomes)).toEqual([
      expect.objectContaining({ fault: 'none', phase: 'finish', rounds: 1, violations: 1 }),
      expect.objectContaining({
        fault: 'network-cut',
        phase: 'finish',
        rounds: 2,
        completed: 1,
        rolledBack: 1,
        slowestRecoveryMs: 30,
        longestSilenceMs: 7,
        violations: 0,
      }),
      expect.objectContaining({ fault: 'store-full', phase: 'rescue', rounds: 1, violations: 1 }),
    ]);
  });

  it('sums up every round once', () => {
    expect(chaosTable(outcomes).split('\n').at(-1)).toMatch(/^all +3 +2 +1 +0 +0\.03 s +0\.01 s +1$/);
  });
});
