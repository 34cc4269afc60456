import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const LAB_SPECS = ['test/**/*.lab.spec.ts'];
const LAB_STEP_TIMEOUT_MS = 180_000;
const FAST_TEST_TIMEOUT_MS = 30_000;
// Never one: vitest puts a project with one worker and group 0 behind all groups, so the lab would come first.
const FAST_WORKERS = Math.max(2, availableParallelism());

/**
 * `fast` needs nothing but Node and runs side by side. `lab` boots real libvirt hosts and guests, so its files run one
 * after another, after the fast ones, on processors nobody else is using; without root or libvirt each says what it skips.
 */
export default defineConfig({
  test: {
    projects: [
      {
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
        test: {
          name: 'lab',
          include: LAB_SPECS,
          globalSetup: ['test/lab/install-lab-requirements.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: LAB_STEP_TIMEOUT_MS,
          hookTimeout: LAB_STEP_TIMEOUT_MS,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
