import { describe, expect, it } from 'vitest';
import type { TaskState, VmState } from '../../domain/instance/vm-state.ts';
import { refuseLiveMigrate, type LiveMigrateFacts } from '../../domain/service-version/live-migrate-admission.ts';
import { hostName, serviceVersion } from '../../domain/shared/ids.ts';
import { AT, SERVER } from './instance-histories.fixture.ts';

const VM_STATES: readonly VmState[] = ['active', 'paused', 'rescued', 'stopped', 'building', 'error', 'deleted'];
const TASK_STATES: readonly (TaskState | null)[] = [null, 'migrating', 'rescuing', 'unrescuing', 'deleting'];
/** 9, 99 and 999 stand on the other side of 105 when versions are compared as text. */
const MINORS = [1, 9, 99, 104, 105, 106, 999, 1000];
/** 0 is a deployment without a compute service; 9 is newer than 74 as text. */
const SERVICE_VERSIONS = [0, 9, 73, 74, 75, 100];

/** Written by hand from the rule's description; nothing here is computed by the code under test. */
const ADMITTED: ReadonlySet<string> = new Set([
  ...MINORS.flatMap((minor) => SERVICE_VERSIONS.map((version) => `active - 2.${minor} ${version}`)),
  ...MINORS.flatMap((minor) => SERVICE_VERSIONS.map((version) => `paused - 2.${minor} ${version}`)),
  'rescued - 2.105 74',
  'rescued - 2.105 75',
  'rescued - 2.105 100',
  'rescued - 2.106 74',
  'rescued - 2.106 75',
  'rescued - 2.106 100',
  'rescued - 2.999 74',
  'rescued - 2.999 75',
  'rescued - 2.999 100',
  'rescued - 2.1000 74',
  'rescued - 2.1000 75',
  'rescued - 2.1000 100',
]);

const CASES = VM_STATES.flatMap((vmState) =>
  TASK_STATES.flatMap((taskState) =>
    MINORS.flatMap((minor) =>
      SERVICE_VERSIONS.map((version) => ({
        key: `${vmState} ${taskState ?? '-'} 2.${minor} ${version}`,
        facts: facts({
          vmState,
          taskState,
          microversion: { major: 2, minor },
          minimumServiceVersion: serviceVersion(version),
        }),
      })),
    ),
  ),
);

function facts(changed: Partial<LiveMigrateFacts>): LiveMigrateFacts {
  return {
    instanceId: SERVER,
    vmState: 'rescued',
    taskState: null,
    launchedAt: AT,
    locked: false,
    callerIsAdmin: true,
    microversion: { major: 2, minor: 105 },
    minimumServiceVersion: serviceVersion(74),
    requestedHost: null,
    requestedHostKnown: false,
    force: false,
    ...changed,
  };
}

describe('os-migrateLive is admitted by vm_state, task_state, microversion and minimum service version', () => {
  it.each(CASES.map((row) => ({ ...row, answer: ADMITTED.has(row.key) ? 'admitted' : 'refused' })))(
    '$key $answer',
    ({ facts: given, answer }) => {
      expect(refuseLiveMigrate(given) === null ? 'admitted' : 'refused').toBe(answer);
    },
  );

  it('knows every admitted case of the table', () => {
    const keys = new Set(CASES.map(({ key }) => key));
    expect([...ADMITTED].filter((key) => !keys.has(key))).toEqual([]);
    expect(CASES).toHaveLength(VM_STATES.length * TASK_STATES.length * MINORS.length * SERVICE_VERSIONS.length);
  });

  it('takes a microversion of a later major number for newer, and of an earlier one for older', () => {
    expect(refuseLiveMigrate(facts({ microversion: { major: 3, minor: 0 } }))).toBeNull();
    expect(refuseLiveMigrate(facts({ microversion: { major: 1, minor: 999 } }))).toEqual({
      reason: 'InvalidVmState',
      action: 'os-migrateLive',
      vmState: 'rescued',
    });
  });
});

/** Every reason at once; taking the first away uncovers the next. The order is the one of Nova's decorators. */
describe('of several reasons to refuse, the first one is told', () => {
  const everythingWrong: Partial<LiveMigrateFacts> = {
    force: true,
    locked: true,
    callerIsAdmin: false,
    vmState: 'stopped',
    taskState: 'migrating',
    launchedAt: null,
    minimumServiceVersion: serviceVersion(73),
  };
  const host = hostName('nowhere');
  const table: readonly [string, Partial<LiveMigrateFacts>, object][] = [
    ['forced without a host', {}, { reason: 'ForceWithoutHost' }],
    ['locked', { requestedHost: host }, { reason: 'InstanceLocked', instanceId: SERVER }],
    [
      'wrong vm_state',
      { requestedHost: host, locked: false },
      { reason: 'InvalidVmState', action: 'os-migrateLive', vmState: 'stopped' },
    ],
    [
      'busy',
      { requestedHost: host, locked: false, vmState: 'rescued' },
      { reason: 'InvalidTaskState', action: 'os-migrateLive', taskState: 'migrating' },
    ],
    [
      'never launched',
      { requestedHost: host, locked: false, vmState: 'rescued', taskState: null },
      { reason: 'NeverLaunched', action: 'os-migrateLive' },
    ],
    [
      'one compute service too old',
      { requestedHost: host, locked: false, vmState: 'rescued', taskState: null, launchedAt: AT },
      { reason: 'ComputeServiceTooOld', minimum: 73, required: 74 },
    ],
    [
      'unknown host',
      { requestedHost: host, locked: false, vmState: 'active', taskState: null, launchedAt: AT },
      { reason: 'ComputeHostNotFound', host },
    ],
  ];

  it.each(table)('%s', (_name, mended, refusal) => {
    expect(refuseLiveMigrate(facts({ ...everythingWrong, ...mended }))).toEqual(refusal);
  });

  it('names the vm_state, and not the fleet, to a caller whose microversion is too old', () => {
    const old = facts({ microversion: { major: 2, minor: 104 }, minimumServiceVersion: serviceVersion(73) });
    expect(refuseLiveMigrate(old)).toEqual({ reason: 'InvalidVmState', action: 'os-migrateLive', vmState: 'rescued' });
  });

  it('does not stop an admin by a lock, and a known host by its name', () => {
    expect(refuseLiveMigrate(facts({ locked: true, requestedHost: host, requestedHostKnown: true }))).toBeNull();
    expect(refuseLiveMigrate(facts({ force: true, requestedHost: host, requestedHostKnown: true }))).toBeNull();
  });
});
