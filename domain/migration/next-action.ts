import type { SagaState } from './saga-state.ts';
import {
  SAGA_STEPS,
  STARTS_MAX,
  INQUIRIES_MAX,
  PIVOT_INDEX,
  stepAt,
  UNDO_ATTEMPTS_MAX,
  type StepName,
  type UndoName,
} from './saga-steps.ts';

export type SagaAction =
  /** `attempt` counts from 1. */
  | { readonly action: 'perform'; readonly step: StepName; readonly attempt: number }
  /** Ask both hosts where the guest is; nothing is changed. */
  | { readonly action: 'inquire'; readonly step: StepName; readonly attempt: number }
  | { readonly action: 'undo'; readonly undo: UndoName; readonly attempt: number }
  /** The process died in this step too often, or before an abort was heard: record that it failed. */
  | { readonly action: 'abandonStep'; readonly step: StepName }
  | { readonly action: 'abandonUndo'; readonly undo: UndoName };

// A start that failed, a start that nobody survived and its abandonment: no attempt costs more.
const ACTIONS_PER_ATTEMPT_MAX = 3;

/** No script of outcomes, and of crashes in what was begun, leads to more actions than this before the saga has ended. */
export const ACTIONS_MAX = SAGA_STEPS.reduce((sum, { attemptsMax, undo }) => {
  const forward = STARTS_MAX + ACTIONS_PER_ATTEMPT_MAX * attemptsMax + INQUIRIES_MAX;
  return sum + forward + (undo === null ? 0 : STARTS_MAX + ACTIONS_PER_ATTEMPT_MAX * UNDO_ATTEMPTS_MAX);
}, 0);

/** The one thing to do now, or null when the saga has ended. A restart of the process is nothing but asking again. */
export function nextAction(state: SagaState): SagaAction | null {
  if (state.phase === 'unwinding') {
    const { undo } = stepAt(state.stepIndex);
    if (undo === null) throw new Error('nextAction: unwinding at a step without an undo');
    if (state.interrupted && state.starts >= STARTS_MAX + UNDO_ATTEMPTS_MAX) return { action: 'abandonUndo', undo };
    return { action: 'undo', undo, attempt: state.starts + 1 };
  }
  if (state.phase !== 'forward') return null;
  const step = stepAt(state.stepIndex);
  if (state.interrupted && step.whenUnknown === 'inquire') {
    return { action: 'inquire', step: step.name, attempt: state.unknowns + 1 };
  }
  // Whoever began it is gone: an aborted migration does not begin it again.
  const isAborted = state.abortRequested && state.stepIndex < PIVOT_INDEX;
  if (state.interrupted && (isAborted || state.starts >= STARTS_MAX + step.attemptsMax)) {
    return { action: 'abandonStep', step: step.name };
  }
  return { action: 'perform', step: step.name, attempt: state.starts + 1 };
}
