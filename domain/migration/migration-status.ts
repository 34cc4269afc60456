import type { SagaState } from './saga-state.ts';
import { stepAt, type StepName } from './saga-steps.ts';

/** Nova's migration statuses (nova.md B.7) that this control plane produces. */
export type MigrationStatus =
  'accepted' | 'queued' | 'preparing' | 'running' | 'completed' | 'failed' | 'cancelled' | 'error';

const STATUS_AT: Readonly<Record<StepName, MigrationStatus>> = {
  selectDestination: 'accepted',
  prepareDestination: 'queued',
  stageArtifacts: 'preparing',
  migrateGuest: 'running',
  confirmSource: 'running',
  adoptAtDestination: 'running',
  clearSource: 'running',
};

/** A refusal while a destination was looked for is Nova's `error`; what was begun and undone is `failed` (nova.md B.6, B.7). */
export function statusOf(saga: SagaState): MigrationStatus {
  switch (saga.phase) {
    case 'absent':
      return 'accepted';
    case 'forward': {
      const { name } = stepAt(saga.stepIndex);
      return name === 'prepareDestination' && saga.starts > 0 ? 'preparing' : STATUS_AT[name];
    }
    case 'unwinding':
      return STATUS_AT[saga.failedStep];
    case 'completed':
      return 'completed';
    case 'rolledBack':
      if (saga.abortRequested) return 'cancelled';
      return saga.failedStep === 'selectDestination' ? 'error' : 'failed';
    case 'needsOperator':
      return 'error';
  }
}
