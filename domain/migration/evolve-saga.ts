import { impossible } from '../shared/impossible.ts';
import { evolveLever, isLeverEvent } from './evolve-lever.ts';
import type { LeverEvent } from './evolve-lever.ts';
import type { SagaEvent } from './saga-events.ts';
import { UNCLAIMED, type Forward, type SagaState, type Unwinding } from './saga-state.ts';
import { INQUIRIES_MAX, PIVOT_INDEX, stepAt, UNDO_ATTEMPTS_MAX, type Step } from './saga-steps.ts';
import { beginStep, stopAt, unwindFrom } from './saga-transitions.ts';

/** Records what happened to a migration. What follows from it is `nextAction`'s business. */
export function evolveSaga(state: SagaState, event: SagaEvent): SagaState {
  if (event.type === 'MigrationAccepted') {
    const { type: _type, at: _at, ...facts } = event;
    return beginStep(
      { ...facts, destination: null, abortRequested: false, forceCompleteRequested: false, claim: UNCLAIMED },
      0,
    );
  }
  if (isLeverEvent(event)) return evolveLever(state, event);
  if (event.type === 'MigrationClaimed') return evolveClaim(state, event);
  if (state.phase === 'forward') return evolveForward(state, event);
  if (state.phase === 'unwinding') return evolveUnwinding(state, event);
  throw new Error(`evolveSaga: ${event.type} in phase ${state.phase}`);
}

type LaterEvent = Exclude<SagaEvent, { type: 'MigrationAccepted' | 'MigrationClaimed' } | LeverEvent>;

function evolveClaim(state: SagaState, { epoch, runner }: Extract<SagaEvent, { type: 'MigrationClaimed' }>): SagaState {
  if (state.phase !== 'forward' && state.phase !== 'unwinding') {
    throw new Error(`evolveSaga: MigrationClaimed in phase ${state.phase}`);
  }
  return { ...state, claim: { epoch, runner } };
}

function evolveForward(state: Forward, event: LaterEvent): SagaState {
  switch (event.type) {
    case 'StepStarted':
      return { ...state, starts: state.starts + 1, interrupted: true };
    case 'PhaseReached':
      return state;
    case 'StepSucceeded': {
      const destination = event.result.step === 'selectDestination' ? event.result.destination : state.destination;
      return afterSuccess({ ...state, destination });
    }
    case 'StepFailed':
      return afterFailure({ ...state, failures: state.failures + 1, interrupted: false }, event.reason);
    case 'StepOutcomeUnknown':
      return afterUnknown({ ...state, unknowns: state.unknowns + 1 }, event.reason);
    case 'UndoStarted':
    case 'UndoSucceeded':
    case 'UndoFailed':
      throw new Error(`evolveSaga: ${event.type} while going forward`);
    default:
      return impossible(event, 'evolveSaga');
  }
}

function evolveUnwinding(state: Unwinding, event: LaterEvent): SagaState {
  switch (event.type) {
    case 'UndoStarted':
      return { ...state, starts: state.starts + 1, interrupted: true };
    case 'UndoSucceeded':
      return unwindFrom(state, state.stepIndex - 1, state.failedStep, state.reason);
    case 'UndoFailed': {
      const failures = state.failures + 1;
      if (failures < UNDO_ATTEMPTS_MAX) return { ...state, failures, interrupted: false };
      const { failedStep, reason } = state;
      return stopAt(state, state.stepIndex, event.reason, { failedStep, reason });
    }
    case 'StepStarted':
    case 'StepSucceeded':
    case 'StepFailed':
    case 'StepOutcomeUnknown':
    case 'PhaseReached':
      throw new Error(`evolveSaga: ${event.type} while unwinding`);
    default:
      return impossible(event, 'evolveSaga');
  }
}

// An abort that came while a step was under way is heard when the step has ended; behind the pivot it came too late.
function afterSuccess(state: Forward): SagaState {
  return state.abortRequested && state.stepIndex < PIVOT_INDEX
    ? unwindFrom(state, state.stepIndex, stepAt(state.stepIndex).name, ABORTED)
    : beginStep(state, state.stepIndex + 1);
}

function afterFailure(state: Forward, reason: string): SagaState {
  const step = stepAt(state.stepIndex);
  if (state.failures + state.unknowns < step.attemptsMax) return state;
  return giveUp(state, step, reason);
}

function afterUnknown(state: Forward, reason: string): SagaState {
  const step = stepAt(state.stepIndex);
  if (step.whenUnknown === 'repeat') {
    return state.unknowns + state.failures < step.attemptsMax
      ? { ...state, interrupted: false }
      : giveUp(state, step, reason);
  }
  // Neither way is safe while nobody knows where the guest runs, so nothing is undone on a guess.
  return state.unknowns < INQUIRIES_MAX ? state : stopAt(state, state.stepIndex, reason, null);
}

// A failed step may have left half of its effect, so the unwinding starts with its own undo.
function giveUp(state: Forward, step: Step, reason: string): SagaState {
  return state.stepIndex > PIVOT_INDEX
    ? stopAt(state, state.stepIndex, reason, null)
    : unwindFrom(state, state.stepIndex, step.name, reason);
}

const ABORTED = 'The migration was aborted.';
