import { PRODUCTION_RULES, type Rules } from './model-rules.ts';
import { PIVOT_INDEX, stepAt } from '../../domain/migration/saga-steps.ts';

const NOT_BEGUN = { starts: 0, failures: 0, interrupted: false } as const;

/** Mistakes that would lose a server, each as production's rules with one thing changed. The search must find them all. */
export const PLANTED_BUGS: Readonly<Record<string, Rules>> = {
  'confirm-before-inquire': {
    ...PRODUCTION_RULES,
    // Whoever takes an interrupted transfer up believes that it went well.
    nextAction: (saga) =>
      saga.phase === 'forward' && saga.stepIndex === PIVOT_INDEX && saga.interrupted
        ? { action: 'perform', step: 'confirmSource', attempt: 1 }
        : PRODUCTION_RULES.nextAction(saga),
    mayRemoveSource: () => true,
  },
  'undo-after-the-point-of-no-return': {
    ...PRODUCTION_RULES,
    evolveSaga: (saga, event) => {
      if (event.type !== 'StepFailed' || saga.phase !== 'forward' || saga.stepIndex <= PIVOT_INDEX) {
        return PRODUCTION_RULES.evolveSaga(saga, event);
      }
      const { name } = stepAt(saga.stepIndex);
      const { unknowns: _unknowns, ...facts } = saga;
      const { reason } = event;
      return { ...facts, phase: 'unwinding', stepIndex: PIVOT_INDEX, ...NOT_BEGUN, failedStep: name, reason };
    },
  },
  'believe-an-error': {
    ...PRODUCTION_RULES,
    // After any error the guest is taken to be where it was, and the source is resumed.
    whereabouts: () => 'onSource',
    mayResumeSource: () => true,
  },
  'take-silence-for-absence': {
    ...PRODUCTION_RULES,
    whereabouts: (source, destination) =>
      PRODUCTION_RULES.whereabouts(source, destination === 'unreachable' ? 'absent' : destination),
    mayResumeSource: (source, destination) =>
      PRODUCTION_RULES.mayResumeSource(source, destination === 'unreachable' ? 'absent' : destination),
  },
  'take-an-incoming-guest-for-none': {
    ...PRODUCTION_RULES,
    whereabouts: (source, destination) =>
      PRODUCTION_RULES.whereabouts(source, destination === 'inMigration' ? 'absent' : destination),
    mayResumeSource: (source, destination) =>
      PRODUCTION_RULES.mayResumeSource(source, destination === 'inMigration' ? 'absent' : destination),
  },
  'resume-the-source-without-a-last-look': {
    ...PRODUCTION_RULES,
    mayResumeSource: () => true,
  },
  'begin-an-interrupted-undo-as-done': {
    ...PRODUCTION_RULES,
    nextAction: (saga) => {
      const action = PRODUCTION_RULES.nextAction(saga);
      return saga.phase === 'unwinding' && saga.interrupted && action?.action === 'undo' ? null : action;
    },
  },
};
