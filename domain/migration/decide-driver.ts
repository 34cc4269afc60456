import { accept, refuse, type Decision } from '../shared/decision.ts';
import type { Instant } from '../shared/ids.ts';
import { decideSaga, type SagaCommand } from './decide-saga.ts';
import type { SagaEvent } from './saga-events.ts';
import type { SagaState } from './saga-state.ts';

/** A process takes the migration up, as the driver of that epoch. */
export type ClaimCommand = {
  readonly type: 'ClaimMigration';
  readonly epoch: number;
  readonly runner: string;
  readonly at: Instant;
};

/** Somebody else drives the migration by now. Whoever is told so stops, and touches nothing any more. */
export type ClaimLost = { readonly reason: 'ClaimLost'; readonly epoch: number };

/**
 * What to record of what the driver of `epoch` tells: nothing is heard of one whose claim is not the newest. The append
 * expects the revision at which this was decided, so a claim that comes in between makes it be decided anew, and refused.
 */
export function decideDriver(
  state: SagaState,
  command: SagaCommand | ClaimCommand,
  epoch: number,
): Decision<SagaEvent, ClaimLost> {
  if (command.type === 'AcceptMigration') return accept(...decideSaga(state, command));
  const newest = state.phase === 'absent' ? 0 : state.claim.epoch;
  if (command.type === 'ClaimMigration') {
    const isUnderWay = state.phase === 'forward' || state.phase === 'unwinding';
    if (!isUnderWay || command.epoch !== newest + 1) return refuse({ reason: 'ClaimLost', epoch: newest });
    return accept({ ...command, type: 'MigrationClaimed' });
  }
  return newest === epoch ? accept(...decideSaga(state, command)) : refuse({ reason: 'ClaimLost', epoch: newest });
}
