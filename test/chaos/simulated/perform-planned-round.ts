import type { SimulatedStorage } from '../../../adapters/simulated/simulated-cloud.ts';
import type { RoundOutcome } from '../round.ts';
import { SeededRandom } from '../seeded-random.ts';
import { FAULT_COMBINATIONS, type FaultKind } from './fault-kinds.ts';
import { performRound } from './perform-round.ts';
import {
  planRound,
  type ExtentsByStorage,
  type SimulatedRoundPlan,
  type Stage,
  type StageExtent,
  type StageExtents,
} from './round-plan.ts';

/** Shuffled anew for each pass through all of them. */
const orders = new Map<string, readonly (readonly FaultKind[])[]>();

/** The round of that number of a run, on local and on shared storage in turn: planned, performed, and, when it went wrong, tried with each fault alone. */
export async function performPlannedRound(
  round: number,
  seed: number,
  extents: ExtentsByStorage,
): Promise<RoundOutcome> {
  const plan = planOf(round, seed, extents);
  const { ending, violations, recoveryMs } = await performRound(plan, seed);
  const enough = violations.length === 0 ? null : await smallestPlan(plan, seed);
  const hint = enough === null ? '' : ` [enough: ${described(enough)}]`;
  return {
    round,
    fault: plan.faults.map(({ kind }) => kind).join(' + '),
    phase: described(plan),
    outcome: ending,
    recoveryMs,
    guestSilenceMs: null,
    violations: violations.map(({ invariant, what }) => ({ invariant, what: `${what}${hint}` })),
  };
}

function planOf(round: number, seed: number, extents: ExtentsByStorage): SimulatedRoundPlan {
  const pass = Math.floor((round - 1) / FAULT_COMBINATIONS.length);
  const key = `${seed} ${pass}`;
  const order = orders.get(key) ?? new SeededRandom(seed, pass).shuffled(FAULT_COMBINATIONS);
  orders.set(key, order);
  const kinds = order[(round - 1) % FAULT_COMBINATIONS.length] ?? [];
  const storage = pass % 2 === 0 ? 'local' : 'shared';
  return planRound({ round, storage }, kinds, extents[storage], new SeededRandom(seed, pass, round));
}

/** One of the two faults may have nothing to do with it. */
async function smallestPlan(plan: SimulatedRoundPlan, seed: number): Promise<SimulatedRoundPlan> {
  if (plan.faults.length < 2) return plan;
  for (const fault of plan.faults) {
    const alone = { ...plan, faults: [fault] };
    const { violations } = await performRound(alone, seed);
    if (violations.length > 0) return alone;
  }
  return plan;
}

function described({ storage, faults }: SimulatedRoundPlan): string {
  const moments = faults.map(({ kind, stage, after, count, side, holdMs }) => {
    const at = after === 'calls' ? `${side} call ${count}` : `after ${count} ${after}`;
    return `${kind} in ${stage} ${at}, ${holdMs} ms`;
  });
  return `${moments.join(' + ')}${storage === 'shared' ? ' (shared storage)' : ''}`;
}

/** How long each stage is when nothing goes wrong. Throws when something does all the same. */
export async function undisturbedExtents(): Promise<ExtentsByStorage> {
  return { local: await extentsOf('local'), shared: await extentsOf('shared') };
}

async function extentsOf(storage: SimulatedStorage): Promise<StageExtents> {
  const { extents, violations } = await performRound({ round: 0, storage, faults: [] }, 0);
  if (violations.length > 0) throw new Error(`an undisturbed round went wrong: ${JSON.stringify(violations)}`);
  const extentOf = (stage: Stage): StageExtent => {
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
