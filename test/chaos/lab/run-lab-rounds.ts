import { planRound } from '../plan-rounds.ts';
import type { Fault, RoundOutcome, RoundPlan } from '../round.ts';
import { ChaosCloud } from './chaos-cloud.ts';
import { keepEvidence } from './keep-evidence.ts';
import { performRound } from './perform-round.ts';
import { admit, discharge, type Admitted } from './ward-of-one.ts';

export type LabRoundsOptions = {
  readonly plans: Iterable<RoundPlan>;
  readonly doing: (text: string) => void;
  readonly ended: (outcome: RoundOutcome, plan: RoundPlan, evidencePath: string | null) => void;
};

/** After so many rounds the server is deleted, and another one created. */
const ROUNDS_OF_A_SERVER_MAX = 10;

/** The plans of a run: from the seed alone. */
export function* planRounds(seed: number, first: number, rounds: number, only: Fault | null): Generator<RoundPlan> {
  for (let round = first; round < first + rounds; round += 1) yield planRound(seed, round, only);
}

/** Performs one round after another on two real hosts. After a round that found something the hosts are made anew. */
export async function runLabRounds({ plans, doing, ended }: LabRoundsOptions): Promise<readonly RoundOutcome[]> {
  const outcomes: RoundOutcome[] = [];
  let cloud: ChaosCloud | null = null;
  let admitted: Admitted | null = null;
  let roundsOfServer = 0;
  try {
    for (const plan of plans) {
      const [planned] = plan.faults;
      if (cloud === null) doing('starting two hosts and Lifeboat');
      cloud ??= await ChaosCloud.start();
      if (admitted === null) doing('creating a server');
      admitted ??= await admit(cloud);
      doing(`round ${plan.round}: ${planned?.fault} in ${planned?.phase}`);
      let outcome = await performRound(admitted, plan);
      roundsOfServer += 1;
      if (outcome.violations.length === 0 && roundsOfServer === ROUNDS_OF_A_SERVER_MAX) {
        outcome = await dischargedAfter(outcome, admitted);
        admitted = null;
        roundsOfServer = 0;
      }
      const evidence =
        outcome.violations.length === 0 || admitted === null ? null : await keepEvidence(admitted, plan, outcome);
      outcomes.push(outcome);
      ended(outcome, plan, evidence);
      if (outcome.violations.length > 0) {
        admitted?.observer.stop();
        admitted = null;
        roundsOfServer = 0;
        await cloud.stop();
        cloud = null;
      }
    }
    return outcomes;
  } finally {
    admitted?.observer.stop();
    await cloud?.stop();
  }
}

async function dischargedAfter(outcome: RoundOutcome, admitted: Admitted): Promise<RoundOutcome> {
  const left = await discharge(admitted).catch((error: unknown) => [String(error)]);
  return {
    ...outcome,
    violations: left.map((what) => ({ invariant: 'hostClean', what: `after the delete: ${what}` })),
  };
}
