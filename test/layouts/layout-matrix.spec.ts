import { describe, expect, it } from 'vitest';
import { fullMatrix, pairsOf, pairwiseMatrix, rowName } from './layout-matrix.ts';

describe('the matrix of layouts', () => {
  it('has every pair of values, in far fewer rows than there are combinations', () => {
    const all = fullMatrix();
    expect(new Set(all.map(rowName)).size).toBe(all.length);
    for (const seed of [0, 1, 42]) {
      const rows = pairwiseMatrix(seed);
      expect(new Set(rows.flatMap(pairsOf))).toEqual(new Set(all.flatMap(pairsOf)));
      expect(rows.length).toBeLessThan(all.length / 4);
    }
    expect(pairwiseMatrix(7)).toEqual(pairwiseMatrix(7));
  });
});
