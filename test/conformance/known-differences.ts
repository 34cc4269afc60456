import { readFileSync } from 'node:fs';
import { z } from 'zod';

const pairs = z.array(z.number()).min(1);
const reason = z.string().min(1);

const DIFFERENCE = z.discriminatedUnion('kind', [
  /** Nova itself would answer otherwise here: its release or its hosts are not the recorded ones. This is compared. */
  z.strictObject({
    kind: z.literal('otherwise'),
    n: pairs,
    reason,
    status: z.number(),
    /** Ids as they were recorded. */
    body: z.unknown(),
  }),
  /** The status is the same, and something in the body or in the headers is not. */
  z.strictObject({ kind: z.literal('body'), n: pairs, reason }),
  /** Not asked at all: no server here can be in the context that the pair names. */
  z.strictObject({ kind: z.literal('context'), n: pairs, reason }),
]);

export type KnownDifference = Readonly<z.infer<typeof DIFFERENCE>>;

const FILE = new URL('./differences.json', import.meta.url);

/** The one list of what differs and why; docs/conformance.md is made from it. Throws for a pair that is listed twice. */
export function knownDifferences(): readonly KnownDifference[] {
  const listed = z.array(DIFFERENCE).parse(JSON.parse(readFileSync(FILE, 'utf8')));
  const numbers = listed.flatMap(({ n }) => n);
  const twice = numbers.find((n, index) => numbers.indexOf(n) !== index);
  if (twice !== undefined) throw new Error(`differences.json: pair ${twice} is listed twice`);
  return listed;
}

export const differenceOf = (known: readonly KnownDifference[], pair: number): KnownDifference | null =>
  known.find(({ n }) => n.includes(pair)) ?? null;
