import type { MigrationId } from '../../domain/shared/ids.ts';
import type { DiskRole, SimulatedDefinition } from './simulated-definition.ts';

/** How often a running guest's program counts, as the guest of a real test pair does. */
const TICK_MS = 200;

export type GuestState = 'running' | 'paused' | 'shutdown' | 'crashed';

/** The source's side of a migration that has begun and is neither confirmed nor cancelled. */
export type OutgoingMigration = {
  readonly migrationId: MigrationId;
  readonly stateBefore: 'running' | 'paused';
  /** Perform has ended: the guest stands still here and its memory is on the other host. */
  readonly handedOver: boolean;
};

export type SimulatedGuest = {
  readonly state: GuestState;
  /** Created by Prepare and not yet started by Finish: its memory is not the guest's. */
  readonly incoming: boolean;
  readonly outgoing: OutgoingMigration | null;
  readonly definition: SimulatedDefinition;
  readonly persistent: boolean;
  /** New at every boot, kept by a migration: tells a guest that moved from one that was started again. */
  readonly bootId: string | null;
  readonly bootedFrom: DiskRole | null;
  readonly ranMs: number;
  readonly runningSinceMs: number | null;
};

/** What the guest's own program has counted since its boot; stands still while the guest is paused. */
export function ticksOf(guest: SimulatedGuest, nowMs: number): number {
  return Math.floor(ranUntil(guest, nowMs) / TICK_MS);
}

/** The guest in another power state, its counter going on or stopping accordingly. */
export function inState(guest: SimulatedGuest, state: GuestState, nowMs: number): SimulatedGuest {
  return {
    ...guest,
    state,
    ranMs: ranUntil(guest, nowMs),
    runningSinceMs: state === 'running' ? nowMs : null,
  };
}

export const isOn = (guest: SimulatedGuest): boolean => guest.state === 'running' || guest.state === 'paused';

function ranUntil(guest: SimulatedGuest, nowMs: number): number {
  return guest.ranMs + (guest.runningSinceMs === null ? 0 : nowMs - guest.runningSinceMs);
}
