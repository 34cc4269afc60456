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
  /** Somebody asked the copy to stop; it does at its next tick. */
  readonly aborted: boolean;
  /** Somebody made the guest stand still so that the copy can end. */
  readonly forced: boolean;
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
  /** Off, with its memory on disk; the boot goes on when it is resumed. */
  readonly suspended?: true;
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

/** The guest as it was before its migration: in the state it had, if the migration is what made it stand still. */
export function withoutMigration(guest: SimulatedGuest, nowMs: number): SimulatedGuest {
  if (guest.outgoing === null) return guest;
  const { stateBefore, handedOver, forced } = guest.outgoing;
  const madeToStand = (handedOver || forced) && guest.state === 'paused';
  return { ...(madeToStand ? inState(guest, stateBefore, nowMs) : guest), outgoing: null };
}

export const isOn = (guest: SimulatedGuest): boolean => guest.state === 'running' || guest.state === 'paused';

function ranUntil(guest: SimulatedGuest, nowMs: number): number {
  return guest.ranMs + (guest.runningSinceMs === null ? 0 : nowMs - guest.runningSinceMs);
}
