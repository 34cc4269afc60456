import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runCommand } from '../lab/run-command.ts';
import type { Mutation } from './mutation.ts';

const RUN_DEADLINE_MS = 120_000;
const LAB_RUN_DEADLINE_MS = 600_000;
const REPORT = 'mutation-report.json';

export type Verdict =
  /** `by` is the name of the first test that failed. */
  | { readonly verdict: 'killed'; readonly by: string }
  | { readonly verdict: 'survived' }
  /** The text to replace does not stand in the file exactly once, so nothing was tried. */
  | { readonly verdict: 'stale'; readonly occurrences: number };

export type TestRun = { readonly passed: true } | { readonly passed: false; readonly firstFailure: string };

const assertionSchema = z.object({ status: z.string(), fullName: z.string() });
const fileSchema = z.object({
  name: z.string(),
  status: z.string(),
  message: z.string(),
  assertionResults: z.array(assertionSchema),
});
const reportSchema = z.object({ success: z.boolean(), numTotalTests: z.number(), testResults: z.array(fileSchema) });

/** Plants the bug in the copy, runs its tests, and puts the file back. */
export async function tryMutation(directory: string, mutation: Mutation): Promise<Verdict> {
  const path = join(directory, mutation.file);
  const original = await readFile(path, 'utf8');
  const occurrences = original.split(mutation.find).length - 1;
  if (occurrences !== 1) return { verdict: 'stale', occurrences };
  await writeFile(
    path,
    original.replace(mutation.find, () => mutation.replace),
  );
  try {
    const run = await runTests(directory, mutation.tests, mutation.lab);
    return run.passed ? { verdict: 'survived' } : { verdict: 'killed', by: run.firstFailure };
  } finally {
    await writeFile(path, original);
  }
}

/** Runs the tests in the copy until the first failure. A run that does not end counts as failed. */
export async function runTests(directory: string, tests: readonly string[], lab: boolean): Promise<TestRun> {
  const report = join(directory, REPORT);
  await writeFile(report, '');
  const vitest = join(directory, 'node_modules', '.bin', 'vitest');
  const project = lab ? 'lab' : 'fast';
  const options = ['--project', project, '--bail', '1', '--reporter', 'json', '--outputFile', report];
  const deadlineMs = lab ? LAB_RUN_DEADLINE_MS : RUN_DEADLINE_MS;
  const ended = await runCommand([vitest, 'run', ...options, ...tests], { directory, deadlineMs });
  if (ended.outcome === 'timedOut') return { passed: false, firstFailure: `no end within ${deadlineMs / 1000} s` };
  if (ended.outcome === 'notStarted') throw new Error(`vitest could not be started: ${ended.message}`);
  const text = await readFile(report, 'utf8');
  // Without a single test that ran, a pass would mean nothing.
  if (text === '') throw new Error(`vitest gave no report: ${ended.stderr.slice(-2000)}`);
  const { success, numTotalTests, testResults } = reportSchema.parse(JSON.parse(text));
  if (success && ended.exitCode === 0 && numTotalTests > 0) return { passed: true };
  const failed = testResults.flatMap((file) => file.assertionResults).find(({ status }) => status === 'failed');
  const broken = testResults.find(({ status, message }) => status === 'failed' && message !== '');
  return { passed: false, firstFailure: failed?.fullName ?? broken?.message ?? 'an error outside of any test' };
}
