import type { SimulatedStorage } from '../../../adapters/simulated/simulated-cloud.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Side } from './mortal-boundaries.ts';

/** What a round does, in this order. */
export const STAGES = ['create', 'rescue', 'migrate', 'migrateBack', 'unrescue'] as const;
export type Stage = (typeof STAGES)[number];

export type SimulatedFault = {
  readonly kind: FaultKind;
  readonly stage: Stage;
  /** Comes so many calls of the process, changes on the hosts, or milliseconds after the beginning of the stage. */
  readonly after: keyof StageExtent;
  readonly count: number;
  /** Of the call at which it comes. */
  readonly side: Side;
  /** How long it lasts, or how late a late effect is; without a meaning for what is over at once. */
  readonly holdMs: number;
};

export type SimulatedRoundPlan = {
  readonly round: number;
  readonly storage: SimulatedStorage;
  readonly faults: readonly SimulatedFault[];
};

/** What a stage takes when nothing goes wrong; a fault comes within these. */
export type StageExtent = { readonly calls: number; readonly changes: number; readonly milliseconds: number };
export type StageExtents = Readonly<Record<Stage, StageExtent>>;
/** With shared storage less has to be done. */
export type ExtentsByStorage = Readonly<Record<SimulatedStorage, StageExtents>>;

/** Most faults go to the migrations, where most can go wrong. */
const WEIGHTED_STAGES: readonly Stage[] = [
  'create',
  ...Array.from({ length: 4 }, (): Stage => 'rescue'),
  ...Array.from({ length: 8 }, (): Stage => 'migrate'),
  ...Array.from({ length: 4 }, (): Stage => 'migrateBack'),
  ...Array.from({ length: 3 }, (): Stage => 'unrescue'),
];
const SAME_STAGE_PROBABILITY = 0.6;
/** Changes are few, and each is a moment of its own; time is mostly spent in the copy. */
const WEIGHTED_CLOCKS: readonly (keyof StageExtent)[] = ['changes', 'changes', 'calls', 'calls', 'milliseconds'];
const HOLD_MS_MAX = [100, 1000, 5000, 40_000];

/** A fault of each kind at a moment of its own. */
export function planRound(
  { round, storage }: Pick<SimulatedRoundPlan, 'round' | 'storage'>,
  kinds: readonly FaultKind[],
  extents: StageExtents,
  random: SeededRandom,
): SimulatedRoundPlan {
  const first = random.pick(WEIGHTED_STAGES);
  const faults = kinds.map((kind, index): SimulatedFault => {
    const together = index === 0 || random.chance(SAME_STAGE_PROBABILITY);
    const stage = stageOf(kind, together ? first : random.pick(WEIGHTED_STAGES));
    const after = random.pick(WEIGHTED_CLOCKS);
    const count = random.integer(1, extents[stage][after]);
    const side = random.chance(0.5) ? 'before' : 'after';
    return { kind, stage, after, count, side, holdMs: random.integer(0, random.pick(HOLD_MS_MAX)) };
  });
  return { round, storage, faults };
}

/** There is nothing to abort or to hurry but a migration. */
function stageOf(kind: FaultKind, stage: Stage): Stage {
  const needsMigration = kind === 'operatorAborts' || kind === 'operatorForcesCompletion';
  return needsMigration && stage !== 'migrateBack' ? 'migrate' : stage;
}
