import { setTimeout as delay } from 'node:timers/promises';
import type { PlannedFault } from '../round.ts';
import type { ChaosCloud } from './chaos-cloud.ts';
import type { Route } from './migration-phases.ts';

/** What a fault is done to. */
export type Stage = { readonly cloud: ChaosCloud; readonly route: Route; readonly server: string };

/** One fault that has come. */
export type Struck = {
  /** Ends what lasts; returns when all is as it was. */
  readonly heal: () => Promise<void>;
  /** The emulator that ran the guest may have been killed, so that no copy is left. */
  readonly mayHaveKilledGuest: boolean;
};

export const NOTHING_TO_HEAL: Struck = { heal: async () => undefined, mayHaveKilledGuest: false };

/** A fault that lasts until it is healed. */
export function lasting(heal: () => Promise<void>): Struck {
  return { heal, mayHaveKilledGuest: false };
}

export type Strike = (stage: Stage, planned: PlannedFault) => Promise<Struck>;

/** The planned time, which is the fault's own and no guess about anything. */
export function lapse(milliseconds: number): Promise<void> {
  return delay(milliseconds);
}
