import type { RoundOutcome } from '../round.ts';
import { SeededRandom } from '../seeded-random.ts';
import { FAULT_COMBINATIONS } from './fault-kinds.ts';
import { performRound, type PerformedRound } from './perform-round.ts';
import { planRound, STAGES, type SimulatedRoundPlan, type StageExtents } from './round-plan.ts';

export type SimulatedRoundsOptions = {
  readonly rounds: number;
  readonly seed: number;
  /** Told after each round, for whoever shows how far it is. */
  readonly onRound?: (outcome: RoundOutcome, plan: SimulatedRoundPlan) => void;
  /** Only the round of this number. */
  readonly only?: number;
};

export type SimulatedRound = { readonly plan: SimulatedRoundPlan; readonly outcome: RoundOutcome };

/**
 * Rounds on simulated hosts and a simulated clock, one after another. Every combination of two faults comes once before
 * any comes twice. The same seed gives the same rounds, and a round of one number the same whether or not others ran.
 */
export async function runSimulatedRounds(options: SimulatedRoundsOptions): Promise<readonly SimulatedRound[]> {
  const { rounds, seed, onRound, only } = options;
  const extents = await undisturbedExtents();
  const performed: SimulatedRound[] = [];
  for (let round = only ?? 1; round <= (only ?? rounds); round += 1) {
    const plan = planOf(round, seed, extents);
    const outcome = outcomeOf(plan, await performRound(plan, seed));
    performed.push({ plan, outcome });
    onRound?.(outcome, plan);
  }
  return performed;
}

/** The plan of one round of a run. */
function planOf(round: number, seed: number, extents: StageExtents): SimulatedRoundPlan {
  const cycle = Math.floor((round - 1) / FAULT_COMBINATIONS.length);
  const order = new SeededRandom(seed, cycle).shuffled(FAULT_COMBINATIONS);
  const kinds = order[(round - 1) % FAULT_COMBINATIONS.length] ?? [];
  return planRound(round, kinds, extents, new SeededRandom(seed, cycle, round));
}

async function undisturbedExtents(): Promise<StageExtents> {
  const { extents, violations } = await performRound({ round: 0, faults: [] }, 0);
  if (violations.length > 0) throw new Error(`an undisturbed round went wrong: ${JSON.stringify(violations)}`);
  const extentOf = (stage: (typeof STAGES)[number]) => {
    const extent = extents[stage];
    if (extent === undefined) throw new Error(`an undisturbed round had no ${stage}`);
    return extent;
  };
  return {
    create: extentOf('create'),
    rescue: extentOf('rescue'),
    migrate: extentOf('migrate'),
    migrateBack: extentOf('migrateBack'),
    unrescue: extentOf('unrescue'),
  };
}

function outcomeOf({ round, faults }: SimulatedRoundPlan, performed: PerformedRound): RoundOutcome {
  const joined = (parts: readonly string[]): string => (parts.length === 0 ? 'none' : parts.join(' + '));
  return {
    round,
    fault: joined(faults.map(({ kind }) => kind)),
    phase: joined(faults.map(({ stage }) => stage)),
    outcome: performed.ending,
    recoveryMs: performed.recoveryMs,
    guestSilenceMs: null,
    violations: performed.violations,
  };
}
