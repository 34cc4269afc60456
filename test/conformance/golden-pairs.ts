import { readFileSync } from 'node:fs';
import { z } from 'zod';

const PAIR = z.object({
  n: z.number(),
  group: z.string(),
  note: z.string(),
  /** The user whose token was sent, or a token that is none; null: no token. */
  as: z.string().nullable(),
  /** The state that the server (or its migration) was in; null: nothing that the recorder thought worth saying. */
  context: z.string().nullable(),
  request: z.object({
    method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    /** A text is sent as it stands, anything else as JSON. */
    body: z.unknown(),
  }),
  response: z.object({ status: z.number(), headers: z.record(z.string(), z.string()), body: z.unknown() }),
});

/** A question that a real Nova (Zed) was asked, and its answer. */
export type GoldenPair = Readonly<z.infer<typeof PAIR>>;

const FILE = new URL('../golden/nova-zed.jsonl', import.meta.url);

/** All of them, in the order in which they were recorded. */
export function goldenPairs(): readonly GoldenPair[] {
  const lines = readFileSync(FILE, 'utf8').trim().split('\n');
  return lines.map((line) => PAIR.parse(JSON.parse(line)));
}
