import { leftOutReason } from './left-out-tests.ts';
import type { TempestResult } from './tempest-results.ts';

/** Tests that are judged together. */
export type TempestGroup = {
  readonly name: string;
  readonly results: readonly TempestResult[];
  /** Those that are judged; null: all that were run. */
  readonly tests: readonly string[] | null;
  /** How many of them must pass. */
  readonly passedMin: number;
  /** Some may be left out for a reason that docs/tempest.md tells; otherwise every one must pass. */
  readonly mayLeaveOut: boolean;
  /** A skip that is no lack of this program, by its reason. */
  readonly maySkip: RegExp | null;
};

type Shortcoming = { readonly test: string; readonly reason: string };

export type TempestVerdict = {
  readonly name: string;
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly passedMin: number;
  /** Known, with the reason that docs/tempest.md tells. */
  readonly leftOut: readonly Shortcoming[];
  /** What keeps the bar from being met. */
  readonly wrong: readonly Shortcoming[];
  readonly isMet: boolean;
};

const classOf = (test: string): string => test.slice(0, test.lastIndexOf('.'));

/** A test that was not run, and one whose class could not be set up, has failed. */
export function judge({ name, results, tests, passedMin, mayLeaveOut, maySkip }: TempestGroup): TempestVerdict {
  const resultOf = new Map(results.map((result) => [result.test, result]));
  const find = (test: string): TempestResult =>
    resultOf.get(test) ??
    resultOf.get(`${classOf(test)}.setUpClass`) ?? { test, result: 'FAILED', reason: 'it was not run' };
  const judged = (tests ?? results.map(({ test }) => test)).map((test) => ({ ...find(test), test }));
  const passed = judged.filter(({ result }) => result === 'ok');
  const skipped = judged.filter(({ result }) => result === 'SKIPPED');
  const known = new Map(judged.map(({ test }) => [test, mayLeaveOut ? leftOutReason(test) : null]));
  const lacking = judged.filter(
    ({ result, reason }) => result === 'FAILED' || (result === 'SKIPPED' && maySkip?.test(reason) !== true),
  );
  const torn = results.filter(({ test, result }) => result === 'FAILED' && test.endsWith('.tearDownClass'));
  const wrong = [
    ...lacking.filter(({ test }) => known.get(test) === null),
    ...(tests === null ? [] : torn.filter(({ test }) => tests.some((one) => classOf(one) === classOf(test)))),
    // A list that says more than is true would soon be believed by nobody.
    ...passed
      .filter(({ test }) => known.get(test) !== null)
      .map(({ test }) => ({ test, reason: 'passes, and is said to be left out: take it from left-out-tests.json' })),
  ].map(({ test, reason }) => ({ test, reason }));
  const leftOut = lacking.flatMap(({ test }) => {
    const reason = known.get(test) ?? null;
    return reason === null ? [] : [{ test, reason }];
  });
  return {
    name,
    total: judged.length,
    passed: passed.length,
    failed: judged.length - passed.length - skipped.length,
    skipped: skipped.length,
    passedMin,
    leftOut,
    wrong,
    isMet: wrong.length === 0 && passed.length >= passedMin,
  };
}

/** A line for each group, then every test that keeps a bar from being met, and every one that is left out. */
export function printVerdicts(verdicts: readonly TempestVerdict[]): void {
  const cells = (...values: readonly (string | number)[]): string =>
    values.map((value) => String(value).padStart(10)).join('');
  const heading = cells('passed', 'failed', 'skipped', 'of', 'bar');
  console.log(`\n${'group'.padEnd(24)}${heading}`);
  for (const { name, passed, failed, skipped, total, passedMin, isMet } of verdicts) {
    const figures = cells(passed, failed, skipped, total, passedMin);
    console.log(`${name.padEnd(24)}${figures}  ${isMet ? 'met' : 'NOT MET'}`);
  }
  for (const { name, wrong, leftOut } of verdicts) {
    for (const { test, reason } of wrong) console.log(`\nWRONG in ${name}: ${test}\n  ${reason}`);
    for (const { test, reason } of leftOut) console.log(`\nleft out of ${name}: ${test}\n  ${reason}`);
  }
}
