import { readFileSync } from 'node:fs';
import { z } from 'zod';

const leftOutTests = z.array(
  z.strictObject({ reason: z.string().min(1), tests: z.array(z.string().startsWith('tempest.')).min(1) }),
);

/** Tests that pass against a real Nova and not here, each reason with its tests. docs/tempest.md shows them. */
export const LEFT_OUT_TESTS = leftOutTests.parse(
  JSON.parse(readFileSync(new URL('left-out-tests.json', import.meta.url), 'utf8')),
);

/** Null for a test that is not left out. */
export function leftOutReason(test: string): string | null {
  return LEFT_OUT_TESTS.find(({ tests }) => tests.includes(test))?.reason ?? null;
}
