import type { SagaState } from './saga-state.ts';
import type { StepName, UndoName } from './saga-steps.ts';

/** What the server is told when its migration has ended; null: nothing yet, or nothing may be said without an operator. */
export type Settlement = 'complete' | 'rollBack' | null;

/** Where the saga may stop for an operator while it is certain where the guest runs, so the server need not wait. */
const SERVER_IS_SETTLED: ReadonlyMap<StepName | UndoName, Settlement> = new Map([
  ['clearSource', 'complete'],
  ['clearDestination', 'rollBack'],
  ['removeArtifacts', 'rollBack'],
]);

/** A server whose guest may run in two places, or in none, stays `migrating`: every other action would be a guess. */
export function settlementOf(saga: SagaState): Settlement {
  switch (saga.phase) {
    case 'completed':
      return 'complete';
    case 'rolledBack':
      return 'rollBack';
    case 'needsOperator':
      return SERVER_IS_SETTLED.get(saga.stoppedAt) ?? null;
    case 'absent':
    case 'forward':
    case 'unwinding':
      return null;
  }
}
