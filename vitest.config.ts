import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LAB_SPECS = ['test/**/*.lab.spec.ts'];
const LAB_STEP_TIMEOUT_MS = 180_000;
const FAST_TEST_TIMEOUT_MS = 30_000;
// Never one: vitest puts a project with one worker and group 0 behind all groups, so the lab would come first.
const FAST_WORKERS = Math.max(2, availableParallelism());
/** A guest boots on one processor and often waits; three would make each other late. */
const LABS_AT_ONCE = Math.min(2, availableParallelism());

/** Begun first, so that no worker is left alone with one of them at the end. */
const LONGEST_FIRST = [
  'layouts.lab.spec.ts',
  'libvirt-driver.lab.spec.ts',
  'chaos.lab.spec.ts',
  'hypervisor-driver-levers.lab.spec.ts',
  'partition.lab.spec.ts',
  'keystone-identity.lab.spec.ts',
  'rescued-migration.lab.spec.ts',
  'demo.lab.spec.ts',
  'libvirt-devices.lab.spec.ts',
  'processes.spec.ts',
  'fault-pairs.spec.ts',
  'static-identity.spec.ts',
  'rolling-upgrade.spec.ts',
  'views-command.spec.ts',
  'eventstoredb-faults.spec.ts',
  'audit-commands.spec.ts',
];

const placeOf = ({ moduleId }: TestSpecification): number => {
  const listed = LONGEST_FIRST.findIndex((name) => moduleId.endsWith(`/${name}`));
  return listed === -1 ? LONGEST_FIRST.length : listed;
};

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- this is no array's method
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

/**
 * `fast` needs nothing but Node and runs side by side. `lab` boots real libvirt hosts and guests, each file in
 * laboratories of its own, so two files run at a time, after the fast ones; without root or libvirt each says what it skips.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // The commands that specs start, a hundred times in all, load in half the time.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compiled') },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.spec.ts'],
          exclude: LAB_SPECS,
          testTimeout: FAST_TEST_TIMEOUT_MS,
          hookTimeout: FAST_TEST_TIMEOUT_MS,
          maxWorkers: FAST_WORKERS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: LAB_SPECS,
          globalSetup: ['test/lab/install-lab-requirements.ts'],
          maxWorkers: LABS_AT_ONCE,
          testTimeout: LAB_STEP_TIMEOUT_MS,
          hookTimeout: LAB_STEP_TIMEOUT_MS,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
