import { planRound } from '../plan-rounds.ts';
import type { Fault, RoundOutcome, RoundPlan, Violation } from '../round.ts';
import { ChaosCloud } from './chaos-cloud.ts';
import { keepEvidence } from './keep-evidence.ts';
import { performRound } from './perform-round.ts';
import { admit, discharge, type Admitted } from './ward-of-one.ts';

export type LabRoundsOptions = {
  readonly plans: Iterable<RoundPlan>;
  readonly doing: (text: string) => void;
  readonly ended: (outcome: RoundOutcome, evidencePath: string | null) => void;
};

/** After so many rounds the server is deleted, and another one created. */
const ROUNDS_OF_A_SERVER_MAX = 10;

/** The plans of a run: from the seed alone. */
export function* planRounds(seed: number, first: number, rounds: number, only: Fault | null): Generator<RoundPlan> {
  for (let round = first; round < first + rounds; round += 1) yield planRound(seed, round, only);
}

/** Performs one round after another on two real hosts. After a round that found something the hosts are made anew. */
export async function runLabRounds(options: LabRoundsOptions): Promise<readonly RoundOutcome[]> {
  const outcomes: RoundOutcome[] = [];
  const run = new LabRun(options);
  try {
    for (const plan of options.plans) outcomes.push(await run.perform(plan));
    return outcomes;
  } finally {
    await run.end();
  }
}

class LabRun {
  readonly #options: LabRoundsOptions;
  #cloud: ChaosCloud | null = null;
  #admitted: Admitted | null = null;
  #roundsOfServer = 0;

  constructor(options: LabRoundsOptions) {
    this.#options = options;
  }

  async perform(plan: RoundPlan): Promise<RoundOutcome> {
    const admitted = await this.#ready(plan);
    const performed = await performRound(admitted, plan);
    const crashes = admitted.observer.crashes.map((said): Violation => ({
      invariant: 'heard',
      what: `the guest's own kernel crashed: ${said}`,
    }));
    const violations = [...performed.violations, ...crashes];
    const outcome = await this.#discharged({ ...performed, violations }, admitted);
    const found = outcome.violations.length > 0;
    this.#options.ended(outcome, found ? await keepEvidence(admitted, plan, outcome) : null);
    if (found) await this.end();
    return outcome;
  }

  async end(): Promise<void> {
    this.#admitted?.observer.stop();
    this.#admitted = null;
    this.#roundsOfServer = 0;
    await this.#cloud?.stop();
    this.#cloud = null;
  }

  async #ready(plan: RoundPlan): Promise<Admitted> {
    const { doing } = this.#options;
    const [planned] = plan.faults;
    if (this.#cloud === null) doing('starting two hosts and Lifeboat');
    this.#cloud ??= await ChaosCloud.start();
    if (this.#admitted === null) doing('creating a server');
    this.#admitted ??= await admit(this.#cloud);
    this.#roundsOfServer += 1;
    doing(`round ${plan.round}: ${planned?.fault} in ${planned?.phase}`);
    return this.#admitted;
  }

  async #discharged(outcome: RoundOutcome, admitted: Admitted): Promise<RoundOutcome> {
    if (outcome.violations.length > 0 || this.#roundsOfServer < ROUNDS_OF_A_SERVER_MAX) return outcome;
    const left = await discharge(admitted).catch((error: unknown) => [String(error)]);
    this.#admitted = null;
    this.#roundsOfServer = 0;
    const violations = left.map((what) => ({ invariant: 'hostClean', what: `after the delete: ${what}` }) as const);
    return { ...outcome, violations };
  }
}
