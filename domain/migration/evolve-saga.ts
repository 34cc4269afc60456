import { impossible } from '../shared/impossible.ts';
import type { SagaEvent } from './saga-events.ts';
import type { Forward, SagaFacts, SagaState, Unwinding } from './saga-state.ts';
import { INQUIRIES_MAX, PIVOT, SAGA_STEPS, stepAt, UNDO_ATTEMPTS_MAX, type Step } from './saga-steps.ts';

const PIVOT_INDEX = SAGA_STEPS.findIndex((step) => step.name === PIVOT);

const NOT_BEGUN = { starts: 0, failures: 0, interrupted: false } as const;

/** Records what happened to a migration. What follows from it is `nextAction`'s business. */
export function evolveSaga(state: SagaState, event: SagaEvent): SagaState {
  if (event.type === 'MigrationAccepted') {
    const { type: _type, at: _at, ...facts } = event;
    return beginStep({ ...facts, destination: null }, 0);
  }
  if (state.phase === 'forward') return evolveForward(state, event);
  if (state.phase === 'unwinding') return evolveUnwinding(state, event);
  throw new Error(`evolveSaga: ${event.type} in phase ${state.phase}`);
}

type LaterEvent = Exclude<SagaEvent, { type: 'MigrationAccepted' }>;

function evolveForward(state: Forward, event: LaterEvent): SagaState {
  switch (event.type) {
    case 'StepStarted':
      return { ...state, starts: state.starts + 1, interrupted: true };
    case 'PhaseReached':
      return state;
    case 'StepSucceeded': {
      const destination = event.result.step === 'selectDestination' ? event.result.destination : state.destination;
      return beginStep({ ...state, destination }, state.stepIndex + 1);
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
      return failures < UNDO_ATTEMPTS_MAX
        ? { ...state, failures, interrupted: false }
        : { ...factsOf(state), phase: 'needsOperator', stoppedAt: event.undo, reason: event.reason };
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

function beginStep(facts: SagaFacts, stepIndex: number): SagaState {
  if (stepIndex === SAGA_STEPS.length) return { ...factsOf(facts), phase: 'completed' };
  return { ...factsOf(facts), phase: 'forward', stepIndex, ...NOT_BEGUN, unknowns: 0 };
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
  return state.unknowns < INQUIRIES_MAX ? state : needsOperator(state, step, reason);
}

function giveUp(state: Forward, step: Step, reason: string): SagaState {
  return state.stepIndex > PIVOT_INDEX
    ? needsOperator(state, step, reason)
    : unwindFrom(state, state.stepIndex, step.name, reason);
}

function needsOperator(state: Forward, step: Step, reason: string): SagaState {
  return { ...factsOf(state), phase: 'needsOperator', stoppedAt: step.name, reason };
}

// A failed step may have left half of its effect, so the unwinding starts with its own undo.
function unwindFrom(facts: SagaFacts, from: number, failedStep: Step['name'], reason: string): SagaState {
  for (let stepIndex = from; stepIndex >= 0; stepIndex -= 1) {
    if (stepAt(stepIndex).undo !== null) {
      return { ...factsOf(facts), phase: 'unwinding', stepIndex, ...NOT_BEGUN, failedStep, reason };
    }
  }
  return { ...factsOf(facts), phase: 'rolledBack', failedStep, reason };
}

function factsOf(facts: SagaFacts): SagaFacts {
  const { migrationId, instanceId, source, requestedHost, blockMigration, rescued, initiator, destination } = facts;
  return { migrationId, instanceId, source, requestedHost, blockMigration, rescued, initiator, destination };
}
