import { mutations } from './mutation.ts';

const EVOLVE = 'domain/migration/evolve-saga.ts';
const NEXT = 'domain/migration/next-action.ts';
const DECIDE = 'domain/migration/decide-saga.ts';
const STEPS = 'domain/migration/saga-steps.ts';

/** Bugs in the order of the saga, and in what it believes. */
export const SAGA_MUTATIONS = mutations(
  ['test/domain', 'test/properties', 'test/application'],
  [
    {
      name: 'endless-retry',
      file: EVOLVE,
      find: 'if (state.failures + state.unknowns < step.attemptsMax) return state;',
      replace: 'if (state.failures + state.unknowns < Infinity) return state;',
      why: 'A migration that cannot succeed would never end.',
    },
    {
      name: 'own-undo-skipped',
      file: EVOLVE,
      find: ': unwindFrom(state, state.stepIndex, step.name, reason);',
      replace: ': unwindFrom(state, state.stepIndex - 1, step.name, reason);',
      why: 'What a failed step has left half done would stay.',
    },
    {
      name: 'unwinding-skips-a-step',
      file: EVOLVE,
      find: 'return unwindFrom(state, state.stepIndex - 1, state.failedStep, state.reason);',
      replace: 'return unwindFrom(state, state.stepIndex - 2, state.failedStep, state.reason);',
      why: 'The owner’s data would stay on the other host.',
    },
    {
      name: 'unknown-taken-for-a-failure',
      file: EVOLVE,
      find: 'return state.unknowns < INQUIRIES_MAX ? state : stopAt(state, state.stepIndex, reason, null);',
      replace: 'return giveUp(state, step, reason);',
      why: 'A migration that had in truth completed would be destroyed.',
    },
    {
      name: 'repeated-without-inquiry',
      file: NEXT,
      find: "if (state.interrupted && step.whenUnknown === 'inquire') {",
      replace: 'if (false) {',
      why: 'A guest that had already moved would be migrated again from a host that no longer has it.',
    },
    {
      name: 'unwinding-after-the-pivot',
      file: EVOLVE,
      find: 'return state.stepIndex > PIVOT_INDEX',
      replace: 'return state.stepIndex > Infinity',
      why: 'Two copies of one server would run.',
    },
    {
      name: 'pivot-too-late',
      file: STEPS,
      find: "export const PIVOT: StepName = 'migrateGuest';",
      replace: "export const PIVOT: StepName = 'clearSource';",
      why: 'An undo after the point of no return resumes the source beside the destination.',
    },
    {
      name: 'undo-failure-kept-silent',
      file: DECIDE,
      find: "[{ ...command, type: 'UndoFailed' }]",
      replace: "[{ type: 'UndoSucceeded', undo: command.undo, at: command.at }]",
      why: 'Nobody would know that the owner’s data is still there.',
    },
    {
      name: 'late-outcome-heard',
      file: DECIDE,
      find: 'command.result.step === awaited && state.interrupted ?',
      replace: 'command.result.step === awaited ?',
      why: 'A runner that was thought dead would steer the migration.',
    },
    {
      name: 'outcome-of-another-step-heard',
      file: DECIDE,
      find: 'command.result.step === awaited && state.interrupted ?',
      replace: 'state.interrupted ?',
      why: 'A step nobody has carried out would count as done.',
    },
    {
      name: 'destination-in-migration-counts-as-empty',
      file: 'domain/migration/whereabouts.ts',
      find: "    case 'inMigration':\n    case 'unexplained':\n      return 'undetermined';",
      replace:
        "    case 'unexplained':\n      return 'undetermined';\n    case 'inMigration':\n" +
        "      return source === 'absent' || source === 'unreachable' ? 'undetermined' : 'onSource';",
      why: 'A late Finish would start the guest beside the resumed source.',
    },
    {
      name: 'two-running-copies-believed',
      file: 'domain/migration/whereabouts.ts',
      find: "return source === 'here' ? 'undetermined' : 'onDestination';",
      replace: "return 'onDestination';",
      why: 'One of two running machines would be destroyed without anybody having looked.',
    },
    {
      name: 'image-service-error-falls-back',
      file: 'domain/migration/rescue-artifacts.ts',
      find: "return 'failMigration';",
      replace: "return 'sourceHost';",
      why: 'A half-broken image service would not be seen.',
    },
    {
      name: 'server-told-while-nobody-knows',
      file: 'domain/migration/settlement.ts',
      find: '?? null;',
      replace: "?? 'rollBack';",
      why: 'A server that may run twice would be handed back to its owner.',
    },
  ],
);
