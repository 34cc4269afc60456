import { describe, expect, it } from 'vitest';
import { runProcessRound } from './run-process-round.ts';

const DEADLINE_MS = 240_000;
const DISTURBED_MS = 4000;
const SEED = Number(process.env['LIFEBOAT_TEST_SEED'] ?? Date.now() % 100_000);

describe.each(['sqlite', 'eventstoredb'] as const)('two API and three compute processes on %s', (store) => {
  it(
    `lose nothing and do nothing twice while they are killed and stopped (seed ${SEED})`,
    async () => {
      const round = await runProcessRound(store, SEED, DISTURBED_MS);
      expect(round.violations, round.logs).toEqual([]);
      expect(round.kills + round.stops).toBeGreaterThan(0);
      expect(round.accepted).toBeGreaterThan(0);
    },
    DEADLINE_MS,
  );
});
