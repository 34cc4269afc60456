import { z } from 'zod';

/** Raised when the file's own form changes; what stands in it changes with the program's digest. */
export const SNAPSHOT_FORMAT = 2;

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

/** The heading of each view. Its rows follow, a line each; an empty line ends it. Only the view knows what a row is. */
export const snapshotView = z.strictObject({ view: z.string() });

/** The last line; `sha256` of all bytes before it, in hexadecimal. */
export const endLine = (sha256: string): string => `${JSON.stringify({ sha256 })}\n`;

export const END_BYTES = Buffer.byteLength(endLine('0'.repeat(64)));
