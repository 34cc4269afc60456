import { readFileSync } from 'node:fs';
import { passingAgainstNova, type TempestResult } from './tempest-results.ts';
import type { TempestGroup } from './tempest-report.ts';

const GOLDEN = new URL('../golden/', import.meta.url);
/** Of the tests that pass against a real Nova. */
const NOVA_PASSED_MIN = 200;
/** Tempest's own words for a test of other microversions than the ones configured. */
const OTHER_MICROVERSIONS = /microversion range/;
/** The plugin's words for a test of the other kind of fleet. */
const OTHER_FLEET = /compute service/i;
const PLUGIN_TESTS = 7;
const PLUGIN_TESTS_BEFORE_UPGRADE = 1;

/** One run of Tempest on a fresh server. */
export type TempestRunPlan = {
  readonly name: string;
  /** As stestr takes them. */
  readonly patterns: readonly string[];
  readonly minMicroversion: string | null;
  readonly fleetIsUpgraded: boolean;
  readonly hasHostWithoutCapability: boolean;
  readonly workers: number;
  readonly groups: (results: readonly TempestResult[]) => readonly TempestGroup[];
};

const read = (name: string): string => readFileSync(new URL(name, GOLDEN), 'utf8');

/** Every run, of the tests that `only` (null: all) matches; a run with nothing left to run is not among them. */
export function tempestRuns(only: RegExp | null, workers: number): readonly TempestRunPlan[] {
  const chosen = (tests: readonly string[]) => tests.filter((test) => only === null || only.test(test));
  const passing = passingAgainstNova(read('tempest-nova-zed.txt'));
  const core = read('tempest-core.txt')
    .split('\n')
    .filter((line) => line !== '')
    .map((pattern) => new RegExp(pattern));
  const all = chosen(passing);
  const allCore = all.filter((test) => core.some((pattern) => pattern.test(test)));
  const everyOne = { tests: allCore, passedMin: allCore.length, mayLeaveOut: false, maySkip: null };
  const nova = { fleetIsUpgraded: true, hasHostWithoutCapability: false, workers };
  const runs: readonly TempestRunPlan[] = [
    {
      ...nova,
      name: 'nova',
      patterns: all.map(exactly),
      minMicroversion: null,
      groups: (results) => [
        { ...everyOne, name: 'core', results },
        {
          name: 'all',
          results,
          tests: all,
          passedMin: only === null ? NOVA_PASSED_MIN : 0,
          mayLeaveOut: true,
          maySkip: null,
        },
      ],
    },
    {
      ...nova,
      name: 'core-2.57',
      patterns: allCore.map(exactly),
      minMicroversion: '2.57',
      groups: (results) => [{ ...everyOne, name: 'core-2.57', results, passedMin: 0, maySkip: OTHER_MICROVERSIONS }],
    },
    ...pluginRuns(only),
  ];
  return runs.filter(({ patterns }) => patterns.length > 0);
}

function pluginRuns(only: RegExp | null): readonly TempestRunPlan[] {
  // stestr reads it with Python, which knows no other way to ask for two things at once.
  const patterns = [`^(?=.*(?:${only?.source ?? ''}))lifeboat_tempest_plugin\\.`];
  // The tests stop at host after host, so one at a time.
  const plugin = { patterns, minMicroversion: null, workers: 1 };
  const group = { tests: null, mayLeaveOut: false, maySkip: OTHER_FLEET };
  const run = (name: string, fleetIsUpgraded: boolean, passedMin: number): TempestRunPlan => ({
    ...plugin,
    name,
    fleetIsUpgraded,
    hasHostWithoutCapability: fleetIsUpgraded,
    groups: (results) => [{ ...group, name, results, passedMin: only === null ? passedMin : 0 }],
  });
  return [run('plugin', true, PLUGIN_TESTS), run('plugin-before-upgrade', false, PLUGIN_TESTS_BEFORE_UPGRADE)];
}

const exactly = (test: string): string => `^${test.replaceAll('.', '\\.')}(\\[|$)`;
