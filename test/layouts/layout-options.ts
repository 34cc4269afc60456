import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { fullMatrix, pairwiseMatrix, rowName, type LayoutRow } from './layout-matrix.ts';

/** Rows of one laboratory that are performed at the same time: an emulated guest keeps a processor busy. */
const ROWS_AT_ONCE_MAX = 4;

export const HELP = `npm run e2e:layouts [-- --all] [--row NAME] [--only TEXT] [--seed N] [--at-once N] [--list] [--json]

On two real libvirt hosts: a server for each row of rescue mode x storage x disks x firmware is made, rescued, migrated
there and back, unrescued, rescued again, migrated there and unrescued there. Its guest must go on counting through
every migration, and every file and every byte that it does not write itself must be what it was.

  --all         every combination, not only every pair of values
  --row NAME    this row alone, such as legacy/local/qcow2/bios, or by the number that --list shows; may be repeated
  --only TEXT   rows of the full matrix whose name has this in it, such as shared or legacy/local; may be repeated
  --seed N      which rows make up the pairs; default 1
  --at-once N   rows performed at the same time, 1 to ${ROWS_AT_ONCE_MAX}; default: the processors, at most ${ROWS_AT_ONCE_MAX}
  --list        the names of the rows, and nothing else
  --json        one JSON document instead of a table
  --help        this text

A row that fails does not end the run; Ctrl-C clears everything away and shows what was done until then.
Exit 0: no difference. 1: there are some. 2: wrong usage. 3: no real hosts can run here. 130: Ctrl-C.`;

export type LayoutOptions = {
  readonly rows: readonly LayoutRow[];
  readonly seed: number;
  readonly atOnce: number;
  readonly isList: boolean;
  readonly isJson: boolean;
};

/** `help` when it was asked for; otherwise what is wrong with the command line, in words. */
type LayoutOptionsAnswer =
  | { readonly answer: 'options'; readonly options: LayoutOptions }
  | { readonly answer: 'help' }
  | { readonly answer: 'wrong'; readonly reason: string };

/** Reads the command line of `npm run e2e:layouts`. */
export function readLayoutOptions(argv: readonly string[]): LayoutOptionsAnswer {
  const given = parsed(argv);
  if (given instanceof Error) return { answer: 'wrong', reason: given.message };
  if (given.help) return { answer: 'help' };
  const [seed, atOnce] = [Number(given.seed), Number(given['at-once'])];
  if (!Number.isSafeInteger(seed)) return { answer: 'wrong', reason: `--seed: ${given.seed} is not a whole number` };
  if (!Number.isSafeInteger(atOnce) || atOnce < 1 || atOnce > ROWS_AT_ONCE_MAX) {
    return { answer: 'wrong', reason: `--at-once: expected a number from 1 to ${ROWS_AT_ONCE_MAX}` };
  }
  const rows = chosenRows({ ...given, seed });
  if (typeof rows === 'string') return { answer: 'wrong', reason: rows };
  return { answer: 'options', options: { rows, seed, atOnce, isList: given.list, isJson: given.json } };
}

function parsed(argv: readonly string[]) {
  try {
    const options = {
      all: { type: 'boolean', default: false },
      row: { type: 'string', multiple: true, default: [] as string[] },
      only: { type: 'string', multiple: true, default: [] as string[] },
      seed: { type: 'string', default: '1' },
      'at-once': { type: 'string', default: String(Math.min(ROWS_AT_ONCE_MAX, availableParallelism())) },
      list: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Or why there are none. */
function chosenRows(given: {
  readonly all: boolean;
  readonly row: readonly string[];
  readonly only: readonly string[];
  readonly seed: number;
}): readonly LayoutRow[] | string {
  const full = fullMatrix();
  const numbered = given.all ? full : pairwiseMatrix(given.seed);
  if (given.row.length > 0) {
    const found = given.row.map((wanted) =>
      /^\d+$/.test(wanted) ? numbered[Number(wanted) - 1] : full.find((row) => rowName(row) === wanted),
    );
    const missing = given.row.filter((_, index) => found[index] === undefined);
    if (missing.length > 0) return `--row: there is no row ${missing.join(', ')}; --list shows them`;
    return found.filter((row) => row !== undefined);
  }
  const rows = (given.only.length > 0 ? full : numbered).filter((row) =>
    given.only.every((text) => rowName(row).includes(text)),
  );
  return rows.length === 0 ? `--only: no row has ${given.only.join(' and ')} in its name` : rows;
}
