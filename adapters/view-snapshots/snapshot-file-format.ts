import { z } from 'zod';

/** Raised when the file's own form changes; what stands in it changes with the program's digest. */
export const SNAPSHOT_FORMAT = 1;

/** Rows of one line: few enough that requests are answered between two of them. */
const LINE_ROWS_MAX = 25;

/** The first line. */
export const snapshotHeader = z.strictObject({
  format: z.literal(SNAPSHOT_FORMAT),
  program: z.string(),
  last: z.strictObject({
    id: z.string(),
    stream: z.templateLiteral([
      z.enum(['instance', 'migrationSaga', 'computeService', 'keyPair', 'serverGroup', 'flavor', 'view']),
      '-',
      z.string(),
    ]),
    revision: z.int().min(0),
    position: z.int().min(1),
  }),
  skipped: z.array(z.tuple([z.string(), z.string()])),
});

/** Each line in between: some rows of one view, in order. What a row is, only the view knows. */
export const snapshotRows = z.strictObject({ view: z.string(), rows: z.array(z.unknown()) });

/** The last line: of all bytes before it. */
export const snapshotEnd = z.strictObject({ sha256: z.string() });

/** The rows of one view, some at a time; at least one line, so that an empty view is there too. */
export function* linesOf(view: string, rows: readonly unknown[]): Generator<string> {
  for (let from = 0; from === 0 || from < rows.length; from += LINE_ROWS_MAX) {
    yield `${JSON.stringify({ view, rows: rows.slice(from, from + LINE_ROWS_MAX) })}\n`;
  }
}
