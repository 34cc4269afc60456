import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { pageOf, type Page } from '../../../adapters/http/page.ts';

const idOf = (row: number): string => String(row);
const queryOf = (limit: number | null, marker: number | null): URLSearchParams =>
  new URLSearchParams({
    ...(limit === null ? {} : { limit: String(limit) }),
    ...(marker === null ? {} : { marker: String(marker) }),
  });

it('pages that follow each other show every row once, in order', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.integer({ min: 1, max: 12 }), (count, limit) => {
      const rows = Array.from({ length: count }, (_, number) => number);
      const shown: number[] = [];
      for (let marker: number | null = null; ;) {
        const page: Page<number> = pageOf(rows, queryOf(limit, marker), idOf);
        if (page.answer !== 'page') throw new Error('a row that was shown is no marker');
        shown.push(...page.rows);
        if (page.next === null) break;
        expect(page.rows).toHaveLength(limit);
        marker = Number(page.next);
      }
      expect(shown).toEqual(rows);
    }),
  );
});

it('asks for no row behind the page', () => {
  let asked = 0;
  function* rows(): Generator<number> {
    for (;;) yield (asked += 1);
  }
  expect(pageOf(rows(), queryOf(3, 5), idOf)).toEqual({ answer: 'page', rows: [6, 7, 8], next: '8' });
  expect(asked).toBe(8);
  expect(pageOf(rows(), queryOf(0, null), idOf)).toEqual({ answer: 'page', rows: [], next: null });
});

it('does not know a marker that is not among the rows', () => {
  expect(pageOf([1, 2], queryOf(1, 3), idOf)).toEqual({ answer: 'markerNotFound', marker: '3' });
});
