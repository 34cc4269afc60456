import { mutations } from './mutation.ts';

const ADMISSION = 'domain/service-version/live-migrate-admission.ts';
const MICROVERSION = 'domain/service-version/microversion.ts';

/** Bugs in the rule of 202 and 409. */
export const ADMISSION_MUTATIONS = mutations(
  ['test/domain', 'test/properties'],
  [
    {
      name: 'microversion-must-be-newer',
      file: MICROVERSION,
      find: 'version.minor >= required.minor',
      replace: 'version.minor > required.minor',
      why: 'The very microversion that brings the feature would not have it.',
    },
    {
      name: 'microversion-compared-as-text',
      file: MICROVERSION,
      find: 'version.minor >= required.minor',
      replace: 'String(version.minor) >= String(required.minor)',
      why: 'As text 2.99 is newer than 2.105.',
    },
    {
      name: 'service-version-at-most',
      file: ADMISSION,
      find: 'minimumServiceVersion >= LIVE_MIGRATE_RESCUED.sinceServiceVersion',
      replace: 'minimumServiceVersion <= LIVE_MIGRATE_RESCUED.sinceServiceVersion',
      why: 'Only fleets that do not know the feature would be asked to use it.',
    },
    {
      name: 'service-version-ignored',
      file: ADMISSION,
      find: "vmState !== 'rescued' || minimumServiceVersion >=",
      replace: 'true || minimumServiceVersion >=',
      why: 'An old compute service would migrate a rescued server and lose its original.',
    },
    {
      name: 'task-state-ignored',
      file: ADMISSION,
      find: '  taskState === null ? null :',
      replace: '  true ? null :',
      why: 'Two things would be done to a server at once.',
    },
    {
      name: 'active-server-gated',
      file: ADMISSION,
      find: "vmState !== 'rescued' || minimumServiceVersion >=",
      replace: 'minimumServiceVersion >=',
      why: 'During an upgrade no server could be migrated at all.',
    },
    {
      name: 'rescued-admitted-below-its-microversion',
      file: ADMISSION,
      find: "    : ['active', 'paused'];",
      replace: "    : ['active', 'paused', 'rescued'];",
      why: 'Clients of old microversions rely on the 409.',
    },
    {
      name: 'lock-ignored',
      file: ADMISSION,
      find: 'locked && !callerIsAdmin ?',
      replace: 'false ?',
      why: 'A lock is the owner’s word that nobody moves the server.',
    },
    {
      name: 'forced-down-service-counts',
      file: 'domain/service-version/minimum-service-version.ts',
      find: ' || service.forcedDown',
      replace: '',
      why: 'One dead old host would keep the whole fleet at 409.',
    },
    {
      name: 'service-version-goes-down',
      file: 'domain/service-version/decide-compute-service.ts',
      find: 'if (version < state.version) {',
      replace: 'if (version < 0) {',
      why: 'What was promised with 202 would no longer hold.',
    },
  ],
);
