import { mutations } from './mutation.ts';

const DECIDE = 'domain/migration/decide-lever.ts';
const EVOLVE = 'domain/migration/evolve-lever.ts';

/** Bugs in what operators and owners can do to a migration that is under way or has stopped. */
export const LEVER_MUTATIONS = mutations(
  ['test/domain', 'test/application', 'test/explore', 'test/adapters/http/migration-levers.spec.ts'],
  [
    {
      name: 'abort-of-a-step-under-way-undone-at-once',
      file: EVOLVE,
      find: 'if (state.interrupted) return aborting;',
      replace: '',
      why: 'Files would be removed under a copy that is still being written.',
    },
    {
      name: 'abort-behind-the-pivot',
      file: 'domain/migration/evolve-saga.ts',
      find: 'return state.abortRequested && state.stepIndex < PIVOT_INDEX',
      replace: 'return state.abortRequested && state.stepIndex <= PIVOT_INDEX',
      why: 'A guest that has moved would be undone.',
    },
    {
      name: 'aborted-step-begun-again',
      file: 'domain/migration/next-action.ts',
      find: 'const isAborted = state.abortRequested && state.stepIndex < PIVOT_INDEX;',
      replace: 'const isAborted = false;',
      why: 'After a crash an aborted migration would go on copying.',
    },
    {
      name: 'queued-abort-before-its-microversion',
      file: DECIDE,
      find: '(queuedToo ? ABORTABLE : ABORTABLE_BEFORE)',
      replace: '(queuedToo ? ABORTABLE : ABORTABLE)',
      why: 'A client of 2.64 would be answered 202 where Nova answers 400.',
    },
    {
      name: 'rollback-behind-the-pivot',
      file: DECIDE,
      find: "return stoppedAt === 'confirmSource' ? ['retry', 'adoptDestination'] : ['retry'];",
      replace: "return ['retry', 'rollback', 'adoptDestination'];",
      why: 'An operator could undo a migration whose guest has moved.',
    },
    {
      name: 'retry-without-inquiry',
      file: EVOLVE,
      find: "interrupted: stepAt(stepIndex).whenUnknown === 'inquire' }",
      replace: 'interrupted: false }',
      why: 'A guest that may run on the destination would be migrated again.',
    },
    {
      name: 'force-complete-of-any-server',
      file: 'domain/instance/migration-lever-check.ts',
      find: "? ['active', 'rescued'] : ['active']",
      replace: "? ['active', 'rescued'] : ['active', 'rescued']",
      why: 'Older clients would see a behaviour that their microversion does not have.',
    },
    {
      name: 'stale-migration-clears-where-the-server-lives',
      file: 'application/refuse-stale-migration.ts',
      find: 'return instance.host === host ?',
      replace: 'return instance.host === null ?',
      why: 'A migration of long ago would delete the disks of a server that has come back.',
    },
    {
      name: 'confirmed-without-a-last-look',
      file: 'domain/migration/whereabouts.ts',
      find: "return destination === 'here' || destination === 'off' || (destination === 'crashed' && !mayGoOn(source));",
      replace: 'return true;',
      why: 'The only copy would be removed on the word of an operator.',
    },
    {
      name: 'dead-copy-counts-as-the-guest',
      file: 'domain/migration/whereabouts.ts',
      find: "return mayGoOn(source) ? 'undetermined' : 'onDestination';",
      replace: "return 'onDestination';",
      why: 'The only copy that has a memory would be removed for one that has died.',
    },
    {
      name: 'guest-that-was-there-counts-as-never-arrived',
      file: 'application/inquire-guest.ts',
      find: "    case 'shutdown':\n      return 'off';",
      replace: "    case 'shutdown':\n      return 'neverStarted';",
      why: 'What a guest did after it had arrived would be undone by resuming an older copy.',
    },
  ],
);
