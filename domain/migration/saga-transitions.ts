import type { Forward, NeedsOperator, SagaFacts, SagaState } from './saga-state.ts';
import { SAGA_STEPS, stepAt, type StepName } from './saga-steps.ts';

const NOT_BEGUN = { starts: 0, failures: 0, interrupted: false } as const;

/** The saga before that step, which was not begun yet; behind the last one it has completed. */
export function beginStep(facts: SagaFacts, stepIndex: number): SagaState {
  if (stepIndex === SAGA_STEPS.length) return { ...factsOf(facts), phase: 'completed' };
  return forwardAt(facts, stepIndex);
}

/** As `beginStep`, of a step that exists. */
export function forwardAt(facts: SagaFacts, stepIndex: number): Forward {
  return { ...factsOf(facts), phase: 'forward', stepIndex, ...NOT_BEGUN, unknowns: 0 };
}

/** The undo of that step or of the nearest one before it that has one; rolled back when there is none. */
export function unwindFrom(facts: SagaFacts, from: number, failedStep: StepName, reason: string): SagaState {
  for (let stepIndex = from; stepIndex >= 0; stepIndex -= 1) {
    if (stepAt(stepIndex).undo !== null) {
      return { ...factsOf(facts), phase: 'unwinding', stepIndex, ...NOT_BEGUN, failedStep, reason };
    }
  }
  return { ...factsOf(facts), phase: 'rolledBack', failedStep, reason };
}

/** Stopped at that step, or at its undo when something was being unwound. */
export function stopAt(
  facts: SagaFacts,
  stepIndex: number,
  reason: string,
  unwinding: NeedsOperator['unwinding'],
): NeedsOperator {
  const { name, undo } = stepAt(stepIndex);
  const stoppedAt = unwinding === null ? name : undo;
  if (stoppedAt === null) throw new Error(`stopAt: ${name} has no undo`);
  // Whoever drove it has stopped; the next driver claims it anew.
  const claim = { ...facts.claim, runner: null };
  return { ...factsOf(facts), claim, phase: 'needsOperator', stepIndex, stoppedAt, reason, unwinding };
}

/** What stays true of a migration whatever phase it is in. */
export function factsOf(facts: SagaFacts): SagaFacts {
  const { migrationId, instanceId, source, requestedHost, blockMigration, rescued, initiator, destination } = facts;
  const { abortRequested, forceCompleteRequested, claim } = facts;
  return {
    migrationId,
    instanceId,
    source,
    requestedHost,
    blockMigration,
    rescued,
    initiator,
    destination,
    abortRequested,
    forceCompleteRequested,
    claim,
  };
}
