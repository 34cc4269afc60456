import { describe, expect, it } from 'vitest';
import { judge, type TempestGroup } from './tempest-report.ts';
import { parseResults, passingAgainstNova } from './tempest-results.ts';

const OUTPUT = `{0} tempest.a.One.test_good [0.1s] ... ok
{1} tempest.a.One.test_bad [0.2s] ... FAILED

Captured traceback:
~~~~~~~~~~~~~~~~~~~
    Traceback (most recent call last):

      File "/usr/lib/x.py", line 1, in test_bad
    raise Conflict(resp)

    tempest.lib.exceptions.Conflict: Conflict
Details: {'code': 409}

Captured pythonlogging:
~~~~~~~~~~~~~~~~~~~~~~~
    much
{0} tempest.a.One.test_odd[smoke] ... SKIPPED: Not here.
{0} setUpClass (tempest.a.Two) ... SKIPPED: The microversion range[2.1 - 2.52] of this test is out.
`;
const ONE = 'tempest.a.One';
const GROUP: TempestGroup = {
  name: 'core',
  results: parseResults(OUTPUT),
  tests: [`${ONE}.test_good`, 'tempest.a.Two.test_any'],
  passedMin: 1,
  mayLeaveOut: false,
  maySkip: /microversion range/,
};

describe('what stestr prints', () => {
  it('is read with the reason of everything that did not pass', () => {
    expect(parseResults(OUTPUT)).toEqual([
      { test: `${ONE}.test_good`, result: 'ok', reason: '' },
      {
        test: `${ONE}.test_bad`,
        result: 'FAILED',
        reason: "tempest.lib.exceptions.Conflict: Conflict Details: {'code': 409}",
      },
      { test: `${ONE}.test_odd`, result: 'SKIPPED', reason: 'Not here.' },
      {
        test: 'tempest.a.Two.setUpClass',
        result: 'SKIPPED',
        reason: 'The microversion range[2.1 - 2.52] of this test is out.',
      },
    ]);
  });
});

describe('a group', () => {
  it('meets its bar when all pass, or are skipped for a reason that may be', () => {
    expect(judge(GROUP)).toMatchObject({ passed: 1, skipped: 1, failed: 0, wrong: [], isMet: true });
  });

  it.each([
    ['a failure', { tests: [`${ONE}.test_bad`], passedMin: 0 }],
    ['a test that was not run', { tests: [`${ONE}.test_good`, `${ONE}.test_missing`] }],
    ['a skip for another reason', { tests: [`${ONE}.test_good`, `${ONE}.test_odd`] }],
    ['too few', { passedMin: 2 }],
  ])('does not meet it after %s', (_what, change) => {
    expect(judge({ ...GROUP, ...change }).isMet).toBe(false);
  });
});

describe('the recorded results of a real Nova', () => {
  it('are read without those that fail or are skipped there', () => {
    const recorded = '# header\nok      -       tempest.a\nFAILED  -       tempest.b\nSKIPPED - tempest.c  # why\n';
    expect(passingAgainstNova(recorded)).toEqual(['tempest.a']);
  });
});
