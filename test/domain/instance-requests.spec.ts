import { describe, expect, it } from 'vitest';
import type { InstanceCommand, StateCheckedAction } from '../../domain/instance/instance-commands.ts';
import type { InstanceEvent, PowerAction, RebootType } from '../../domain/instance/instance-events.ts';
import type { TaskState } from '../../domain/instance/vm-state.ts';
import { givenInstance } from '../support/given.ts';
import {
  ADMIN,
  AT,
  BOOT_IMAGES,
  CREATE_REQUESTED,
  FLAVOR,
  HISTORY,
  INITIATOR,
  LIVE_MIGRATE,
  LOCKED,
  MIGRATION_REQUESTED,
  OTHER_MIGRATION,
  OWNER,
  RESCUE_IMAGES,
  SERVER,
  UNRESCUE_REQUESTED,
  RESCUE_REQUESTED,
} from './instance-histories.fixture.ts';

const power = (action: PowerAction, rebootType: RebootType | null = null) => ({
  action,
  command: { type: 'RunPowerAction', action, rebootType, ...OWNER } satisfies InstanceCommand,
  event: { type: 'PowerActionRequested', action, rebootType, initiator: INITIATOR, at: AT } satisfies InstanceEvent,
});

type Row = {
  readonly name: string;
  readonly action: StateCheckedAction;
  readonly command: Extract<InstanceCommand, { readonly callerIsAdmin: boolean }>;
  readonly event: InstanceEvent;
  readonly allowed: readonly (keyof typeof IDLE)[];
};

const IDLE = {
  active: HISTORY.active,
  stopped: HISTORY.stopped,
  paused: HISTORY.paused,
  rescued: HISTORY.rescued,
  error: HISTORY.error,
};
const BUSY = {
  rescuing: HISTORY.rescuing,
  unrescuing: HISTORY.unrescuing,
  migrating: HISTORY.migrating,
  deleting: HISTORY.deleting,
};

/** Nova's lists; a rescued server can be unrescued and migrated, and nothing else. */
const TABLE: readonly Row[] = [
  { name: 'stop', ...power('stop'), allowed: ['active', 'error'] },
  { name: 'start', ...power('start'), allowed: ['stopped'] },
  { name: 'pause', ...power('pause'), allowed: ['active'] },
  { name: 'unpause', ...power('unpause'), allowed: ['paused'] },
  { name: 'soft reboot', ...power('reboot', 'SOFT'), allowed: ['active'] },
  { name: 'hard reboot', ...power('reboot', 'HARD'), allowed: ['active', 'stopped', 'paused', 'error'] },
  {
    name: 'rescue',
    action: 'rescue',
    command: { type: 'Rescue', rescueImages: RESCUE_IMAGES, ...OWNER },
    event: RESCUE_REQUESTED,
    allowed: ['active', 'stopped', 'error'],
  },
  {
    name: 'unrescue',
    action: 'unrescue',
    command: { type: 'Unrescue', ...OWNER },
    event: UNRESCUE_REQUESTED,
    allowed: ['rescued'],
  },
  {
    name: 'live migrate',
    action: 'os-migrateLive',
    command: { ...LIVE_MIGRATE, migrationId: OTHER_MIGRATION, ...OWNER },
    event: { ...MIGRATION_REQUESTED, migrationId: OTHER_MIGRATION },
    allowed: ['active', 'paused', 'rescued'],
  },
];

const VM_STATES = ['active', 'stopped', 'paused', 'rescued', 'error'] as const satisfies readonly (keyof typeof IDLE)[];

describe.each(TABLE)('$name', ({ action, command, event, allowed }) => {
  it.each(VM_STATES)('of a server that is %s', (vmState) => {
    const told = givenInstance(...IDLE[vmState]).when(command);
    if (allowed.includes(vmState)) told.thenEvents(event);
    else told.thenRefused({ reason: 'InvalidVmState', action, vmState });
  });

  it('of a locked server is refused before its state is looked at, but for an admin', () => {
    for (const history of [...Object.values(IDLE), ...Object.values(BUSY)]) {
      const locked = givenInstance(...history, LOCKED);
      locked.when(command).thenRefused({ reason: 'InstanceLocked', instanceId: SERVER });
    }
    const [state] = allowed;
    if (state === undefined) throw new Error('a row that allows nothing');
    givenInstance(...IDLE[state], LOCKED)
      .when({ ...command, callerIsAdmin: true })
      .thenEvents(event);
  });

  it('of a server that is gone, or never was, is refused', () => {
    givenInstance().when(command).thenRefused({ reason: 'InstanceNotFound' });
    givenInstance(...HISTORY.deleted)
      .when(command)
      .thenRefused({ reason: 'InstanceNotFound' });
  });
});

describe('a busy server', () => {
  it('refuses for its task only what its vm_state would allow', () => {
    const rescue: InstanceCommand = { type: 'Rescue', rescueImages: RESCUE_IMAGES, ...OWNER };
    const cases: readonly [readonly InstanceEvent[], InstanceCommand, StateCheckedAction, TaskState][] = [
      [HISTORY.rescuing, rescue, 'rescue', 'rescuing'],
      [HISTORY.rescuing, { ...LIVE_MIGRATE }, 'os-migrateLive', 'rescuing'],
      [HISTORY.unrescuing, { type: 'Unrescue', ...OWNER }, 'unrescue', 'unrescuing'],
      [HISTORY.migrating, { type: 'Unrescue', ...OWNER }, 'unrescue', 'migrating'],
      [HISTORY.deleting, power('stop').command, 'stop', 'deleting'],
    ];
    for (const [history, command, action, taskState] of cases) {
      givenInstance(...history)
        .when(command)
        .thenRefused({ reason: 'InvalidTaskState', action, taskState });
    }
    givenInstance(...HISTORY.migrating)
      .when(rescue)
      .thenRefused({ reason: 'InvalidVmState', action: 'rescue', vmState: 'rescued' });
  });

  const tasks: readonly [PowerAction, RebootType | null, TaskState][] = [
    ['stop', null, 'powering-off'],
    ['start', null, 'powering-on'],
    ['pause', null, 'pausing'],
    ['unpause', null, 'unpausing'],
    ['reboot', 'SOFT', 'rebooting'],
    ['reboot', 'HARD', 'rebooting_hard'],
  ];
  it.each(tasks)('names its task in Nova’s word: %s %s is %s', (action, rebootType, taskState) => {
    const before = { start: HISTORY.stopped, unpause: HISTORY.paused }[action as string] ?? HISTORY.active;
    const busy = givenInstance(...before, power(action, rebootType).event);
    const same = power(action, rebootType);
    busy.when(same.command).thenRefused({ reason: 'InvalidTaskState', action: same.action, taskState });
  });
});

describe('a server that was never launched', () => {
  it('is refused whatever needs a guest, even when its state was set by hand', () => {
    const never = givenInstance(...HISTORY.neverLaunched);
    never.when(power('stop').command).thenRefused({ reason: 'NeverLaunched', action: 'stop' });
    never.when({ ...LIVE_MIGRATE }).thenRefused({ reason: 'NeverLaunched', action: 'os-migrateLive' });
    givenInstance(...HISTORY.building)
      .when(power('stop').command)
      .thenRefused({ reason: 'InvalidVmState', action: 'stop', vmState: 'building' });
  });
});

describe('creation', () => {
  const create: InstanceCommand = {
    type: 'CreateInstance',
    instanceId: SERVER,
    name: 'server',
    images: BOOT_IMAGES,
    flavor: FLAVOR,
    requestedHost: null,
    metadata: {},
    ...OWNER,
  };
  it('happens once for one id', () => {
    givenInstance().when(create).thenEvents(CREATE_REQUESTED);
    givenInstance(...HISTORY.active)
      .when(create)
      .thenRefused({ reason: 'InstanceAlreadyExists' });
    givenInstance(...HISTORY.deleted)
      .when(create)
      .thenRefused({ reason: 'InstanceAlreadyExists' });
  });
});

const lock = (reason: string | null): InstanceCommand => ({ type: 'Lock', reason, ...OWNER });

describe('a lock', () => {
  const unlock: InstanceCommand = { type: 'Unlock', ...OWNER };
  it('is taken and given back in any state, and recorded once', () => {
    givenInstance(...HISTORY.migrating)
      .when(lock(null))
      .thenEvents(LOCKED);
    givenInstance(...HISTORY.active, LOCKED)
      .when(lock(null))
      .thenEvents();
    givenInstance(...HISTORY.active, LOCKED)
      .when(lock('repair'))
      .thenEvents({ type: 'InstanceLocked', reason: 'repair', initiator: INITIATOR, at: AT });
    givenInstance(...HISTORY.active, LOCKED)
      .when(unlock)
      .thenEvents({ type: 'InstanceUnlocked', initiator: INITIATOR, at: AT });
    givenInstance(...HISTORY.active)
      .when(unlock)
      .thenEvents();
  });
});

describe('deletion', () => {
  const remove: InstanceCommand = { type: 'Delete', ...OWNER };
  const requested: InstanceEvent = { type: 'DeleteRequested', initiator: INITIATOR, at: AT };
  it('may be asked for in every state, once', () => {
    for (const history of [...Object.values(IDLE), HISTORY.building, HISTORY.rescuing, HISTORY.migrating]) {
      givenInstance(...history)
        .when(remove)
        .thenEvents(requested);
    }
    givenInstance(...HISTORY.deleting)
      .when(remove)
      .thenEvents();
  });

  it('of a locked server is refused, but for an admin', () => {
    const locked = givenInstance(...HISTORY.active, LOCKED);
    locked.when(remove).thenRefused({ reason: 'InstanceLocked', instanceId: SERVER });
    locked.when({ type: 'Delete', ...ADMIN }).thenEvents(requested);
  });
});

describe('a history that no decision can have led to', () => {
  it.each([
    ['an event before the creation', [UNRESCUE_REQUESTED]],
    ['a second creation', [CREATE_REQUESTED, CREATE_REQUESTED]],
    ['an event after the deletion', [...HISTORY.deleted, UNRESCUE_REQUESTED]],
  ] satisfies [string, InstanceEvent[]][])('is a bug: %s', (_name, history) => {
    expect(() => givenInstance(...history)).toThrow(/^evolveInstance: \w+ for a server that/);
  });
});
