import { waitUntil } from '../../lab/wait-until.ts';
import type { PlannedFault, Violation } from '../round.ts';
import type { Ward } from './check-invariants.ts';
import { phaseBegun, type Route } from './migration-phases.ts';
import type { Told } from './patient.ts';
import { strike, strikesAtOnce } from './strike-fault.ts';
import { lapse } from './struck-cloud.ts';

export type Struck = {
  /** Null: it did not settle in time. */
  readonly told: Told | null;
  readonly mayHaveKilledGuest: boolean;
  /** Of the guest, as of `performance.now()`. */
  readonly struckAt: number;
  readonly recoveryMs: number | null;
  readonly violations: readonly Violation[];
};

/** For a process that was killed, from the moment at which a new one answers. */
const RESTART_RECOVERY_MS_MAX = 5000;
/** What starting a process takes at most on a machine that is not busy; where it takes longer, so may the rest. */
const START_MS = 1500;
const RECOVERY_MS_MAX = 60_000;
const SETTLE_DEADLINE_MS = 150_000;
const PHASE_DEADLINE_MS = 60_000;

/** Does what `begin` asks for, with a fault in its middle; heals the fault, and waits until nothing is in progress. */
export async function actUnderFault(
  ward: Ward,
  route: Route,
  planned: PlannedFault,
  begin: () => Promise<void>,
): Promise<Struck> {
  const { cloud, patient } = ward;
  const watching = new AbortController();
  const begun = phaseBegun(planned.phase, route, watching.signal).then(() => 'begun' as const);
  await begin();
  await Promise.race([begun, settles(ward, watching.signal)]);
  watching.abort();
  if (!strikesAtOnce(planned)) await lapse(planned.delayMs);
  const struckAt = performance.now();
  const struck = await strike({ cloud, route, server: patient.id }, planned);
  await lapse(planned.holdMs);
  const healingAt = performance.now();
  await struck.heal();
  const healedAt = performance.now();
  const slowness = planned.fault === 'lifeboat-killed' ? Math.max(1, (healedAt - healingAt) / START_MS) : 1;
  const died = cloud.lifeboat.isRunning ? [] : [DIED];
  if (!cloud.lifeboat.isRunning) await cloud.lifeboat.start();
  const told = await patient.settled(SETTLE_DEADLINE_MS);
  const recoveryMs = told === null ? null : Math.round(performance.now() - healedAt);
  const { mayHaveKilledGuest } = struck;
  return {
    told,
    mayHaveKilledGuest,
    struckAt,
    recoveryMs,
    violations: [...died, ...inTime(planned, recoveryMs, slowness)],
  };
}

const DIED: Violation = { invariant: 'recovered', what: 'Lifeboat ended by itself' };

/** A phase that is over before it was seen leaves a fault that comes late, which is a random moment too. */
function settles({ patient }: Ward, signal: AbortSignal): Promise<unknown> {
  const probe = async (): Promise<unknown> => (signal.aborted ? 'no matter' : patient.settled(0));
  return waitUntil(probe, { deadlineMs: PHASE_DEADLINE_MS });
}

function inTime({ fault }: PlannedFault, recoveryMs: number | null, slowness: number): readonly Violation[] {
  const most = fault === 'lifeboat-killed' ? Math.round(RESTART_RECOVERY_MS_MAX * slowness) : RECOVERY_MS_MAX;
  if (recoveryMs !== null && recoveryMs <= most) return [];
  const took = recoveryMs === null ? `not settled within ${SETTLE_DEADLINE_MS} ms` : `took ${recoveryMs} ms of ${most}`;
  return [{ invariant: 'recovered', what: took }];
}
