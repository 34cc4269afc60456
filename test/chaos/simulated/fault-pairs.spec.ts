import { describe, expect, it } from 'vitest';
import { FAULT_COMBINATIONS } from './fault-kinds.ts';
import { performPlannedRound, undisturbedExtents } from './perform-planned-round.ts';

const SEED = 1;
/** So that a failure comes soon, and no test takes long. */
const PARTS = 20;
const PART_TIMEOUT_MS = 120_000;

const extents = await undisturbedExtents();
/** The first pass, on local storage, and a part of the second one, on shared storage. */
const EVERY_NTH_SHARED = 5;
const ROUNDS = FAULT_COMBINATIONS.flatMap((_combination, index) =>
  index % EVERY_NTH_SHARED === 0 ? [index + 1, index + 1 + FAULT_COMBINATIONS.length] : [index + 1],
);

describe('every fault, and every two of them, at moments of one seed', () => {
  it('comes once in a pass', () => {
    const kinds = new Set(FAULT_COMBINATIONS.flat());
    expect(FAULT_COMBINATIONS).toHaveLength((kinds.size * (kinds.size + 3)) / 2);
    expect(new Set(FAULT_COMBINATIONS.map((combination) => combination.join(' + '))).size).toBe(
      FAULT_COMBINATIONS.length,
    );
  });

  it.each(Array.from({ length: PARTS }, (_, part) => part + 1))(
    `part %i of ${PARTS} leaves one running copy, its disks, and an API that says so`,
    async (part) => {
      for (const round of ROUNDS.filter((number) => number % PARTS === part - 1)) {
        const { fault, phase, violations } = await performPlannedRound(round, SEED, extents);
        expect({ round, fault, phase, violations }).toMatchObject({ violations: [] });
      }
    },
    PART_TIMEOUT_MS,
  );
});

describe('a round', () => {
  it('is the same again', async () => {
    for (const round of [1, 50, 500, FAULT_COMBINATIONS.length + 1]) {
      expect(await performPlannedRound(round, SEED, extents)).toEqual(await performPlannedRound(round, SEED, extents));
    }
  });
});
