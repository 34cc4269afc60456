import { impossible } from '../shared/impossible.ts';
import type { Resolution, SagaEvent } from './saga-events.ts';
import type { Forward, NeedsOperator, SagaState } from './saga-state.ts';
import { indexOfStep, PIVOT_INDEX, stepAt } from './saga-steps.ts';
import { beginStep, forwardAt, unwindFrom } from './saga-transitions.ts';

export type LeverEvent = Extract<SagaEvent, { type: 'AbortRequested' | 'ForceCompleteRequested' | 'OperatorResolved' }>;

/** True for what a person, and not the saga's own course, has caused. */
export function isLeverEvent(event: SagaEvent): event is LeverEvent {
  return (
    event.type === 'AbortRequested' || event.type === 'ForceCompleteRequested' || event.type === 'OperatorResolved'
  );
}

/** Records that a lever was pulled; one that came too late to matter changes nothing. */
export function evolveLever(state: SagaState, event: LeverEvent): SagaState {
  switch (event.type) {
    case 'AbortRequested':
      return state.phase === 'forward' ? abort(state) : state;
    case 'ForceCompleteRequested':
      return state.phase === 'forward' ? { ...state, forceCompleteRequested: true } : state;
    case 'OperatorResolved':
      if (state.phase !== 'needsOperator') throw new Error(`evolveLever: OperatorResolved in phase ${state.phase}`);
      return resolve(state, event.resolution);
    default:
      return impossible(event, 'evolveLever');
  }
}

function abort(state: Forward): SagaState {
  if (state.stepIndex > PIVOT_INDEX) return state;
  const aborting = { ...state, abortRequested: true };
  // Somebody may be at work on the step: it is undone when its end is known.
  if (state.interrupted) return aborting;
  const from = state.starts > 0 ? state.stepIndex : state.stepIndex - 1;
  return unwindFrom(aborting, from, stepAt(state.stepIndex).name, 'The migration was aborted before its next step.');
}

function resolve(state: NeedsOperator, resolution: Resolution): SagaState {
  const { stepIndex, unwinding, reason } = state;
  switch (resolution) {
    case 'retry':
      return unwinding === null
        ? { ...forwardAt(state, stepIndex), interrupted: stepAt(stepIndex).whenUnknown === 'inquire' }
        : unwindFrom(state, stepIndex, unwinding.failedStep, unwinding.reason);
    case 'rollback':
      return unwindFrom(state, stepIndex, unwinding?.failedStep ?? stepAt(stepIndex).name, unwinding?.reason ?? reason);
    case 'adoptDestination':
      // From the pivot the source is confirmed first; a source that cannot be is left for the end.
      return beginStep(
        state,
        state.stoppedAt === 'confirmSource' ? indexOfStep('adoptAtDestination') : indexOfStep('confirmSource'),
      );
    default:
      return impossible(resolution, 'evolveLever');
  }
}
