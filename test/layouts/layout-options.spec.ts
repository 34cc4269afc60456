import { describe, expect, it } from 'vitest';
import { fullMatrix, pairwiseMatrix, rowName } from './layout-matrix.ts';
import { readLayoutOptions } from './layout-options.ts';

/** The names of the rows, or what is wrong. */
function rowsOf(...argv: readonly string[]): readonly string[] | string {
  const answer = readLayoutOptions(argv);
  if (answer.answer === 'help') return 'help';
  return answer.answer === 'wrong' ? answer.reason : answer.options.rows.map(rowName);
}

describe('the command line of e2e:layouts', () => {
  it('chooses the pairs of a seed, all rows, rows by name or number, or by a part of their names', () => {
    expect(rowsOf()).toEqual(pairwiseMatrix(1).map(rowName));
    expect(rowsOf('--seed', '7')).toEqual(pairwiseMatrix(7).map(rowName));
    expect(rowsOf('--all')).toEqual(fullMatrix().map(rowName));
    expect(rowsOf('--row', 'legacy/local/raw/uefi', '--row', '2')).toEqual([
      'legacy/local/raw/uefi',
      ...pairwiseMatrix(1).slice(1, 2).map(rowName),
    ]);
    const some = rowsOf('--only', 'legacy/', '--only', 'shared/raw');
    expect(some).toContain('legacy/shared/raw/bios');
    expect(some).not.toContain('usb-disk/shared/raw/bios');
  });

  it.each([
    [['--row', '0'], '--row: there is no row 0; --list shows them'],
    [['--row', 'legacy', '--row', '1'], '--row: there is no row legacy; --list shows them'],
    [['--only', 'floppy'], '--only: no row has floppy in its name'],
    [['--seed', 'x'], '--seed: x is not a whole number'],
    [['--at-once', '9'], '--at-once: expected a number from 1 to 4'],
    [['--loud'], "Unknown option '--loud'"],
  ])('refuses %s in words', (argv, reason) => {
    expect(rowsOf(...argv)).toBe(reason);
  });
});
