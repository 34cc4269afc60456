import { LEFT_OUT_TESTS } from './left-out-tests.ts';
import type { TempestResult } from './tempest-results.ts';

export type TempestPart = {
  readonly name: string;
  readonly results: readonly TempestResult[];
  /** Those that must not fail here; null: all that were run. */
  readonly mustPass: readonly string[] | null;
  /** How many of them must have passed. */
  readonly atLeast: number;
};

export type TempestVerdict = {
  readonly passed: number;
  readonly skipped: number;
  /** Must not fail, have failed, and are not known. */
  readonly wrong: readonly string[];
  /** Must not fail, and are left out for a reason that docs/tempest.md tells. */
  readonly leftOut: readonly string[];
  readonly isGood: boolean;
};

/** A test that was not run, and one that could not be set up, has failed. */
export function judge({ results, mustPass, atLeast }: TempestPart): TempestVerdict {
  const resultOf = new Map(results.map(({ test, result }) => [test, result]));
  const broken = results.filter(({ test, result }) => result === 'FAILED' && /\.(setUp|tearDown)Class$/.test(test));
  const judged = mustPass ?? results.map(({ test }) => test);
  const failed = judged.filter((test) => (resultOf.get(test) ?? 'FAILED') === 'FAILED');
  const passed = judged.filter((test) => resultOf.get(test) === 'ok').length;
  const wrong = [...failed.filter((test) => !LEFT_OUT_TESTS.has(test)), ...broken.map(({ test }) => test)];
  return {
    passed,
    skipped: judged.filter((test) => resultOf.get(test) === 'SKIPPED').length,
    wrong: [...new Set(wrong)],
    leftOut: failed.filter((test) => LEFT_OUT_TESTS.has(test)),
    isGood: wrong.length === 0 && passed >= atLeast,
  };
}

/** Prints every part and what was wrong in it; true when all are good. */
export function report(parts: readonly TempestPart[]): boolean {
  const verdicts = parts.map((part) => ({ ...part, ...judge(part) }));
  console.log(
    `\n${'part'.padEnd(34)}${'passed'.padStart(8)}${'skipped'.padStart(9)}${'left out'.padStart(10)}${'WRONG'.padStart(7)}`,
  );
  for (const { name, passed, skipped, leftOut, wrong, isGood, atLeast } of verdicts) {
    const counts = `${String(passed).padStart(8)}${String(skipped).padStart(9)}${String(leftOut.length).padStart(10)}${String(wrong.length).padStart(7)}`;
    console.log(`${name.padEnd(34)}${counts}  ${isGood ? 'good' : `NOT GOOD: ${atLeast} must pass, and none fail`}`);
  }
  for (const { name, wrong } of verdicts) for (const test of wrong) console.log(`WRONG in ${name}: ${test}`);
  return verdicts.length > 0 && verdicts.every(({ isGood }) => isGood);
}
