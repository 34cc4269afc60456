import { impossible } from '../shared/impossible.ts';
import { NO_DETAILS, NO_OPTIONS } from './instance-details.ts';
import { evolveServerChange } from './evolve-server-change.ts';
import { isServerChangeEvent } from './server-change-events.ts';
import type { InstanceEvent, PowerAction } from './instance-events.ts';
import type { InstanceState, PresentInstance, RescueRecord } from './instance-state.ts';
import type { VmState } from './vm-state.ts';

/** Records what happened and never judges; an event that no decision could have led to is a bug and throws. */
export function evolveInstance(state: InstanceState, event: InstanceEvent): InstanceState {
  if (event.type === 'InstanceCreateRequested') {
    if (state.existence !== 'absent')
      throw new Error('evolveInstance: InstanceCreateRequested for a server that exists');
    return created(event);
  }
  if (state.existence !== 'present')
    throw new Error(`evolveInstance: ${event.type} for a server that is ${state.existence}`);
  if (event.type === 'InstanceDeleted') {
    return { ...state, existence: 'deleted', vmState: 'deleted', task: null, deletedAt: event.at, updatedAt: event.at };
  }
  return { ...state, ...changes(state, event), updatedAt: event.at };
}

function created(event: Extract<InstanceEvent, { type: 'InstanceCreateRequested' }>): PresentInstance {
  return {
    existence: 'present',
    instanceId: event.instanceId,
    name: event.name,
    owner: event.initiator,
    images: event.images,
    flavor: event.flavor,
    metadata: event.metadata,
    details: NO_DETAILS,
    options: NO_OPTIONS,
    tags: [],
    networkInterfaces: [],
    requestedHost: event.requestedHost,
    host: null,
    vmState: 'building',
    observedPower: null,
    task: { task: 'schedule' },
    launchedAt: null,
    locked: false,
    lockedReason: null,
    rescue: null,
    resize: null,
    shelved: null,
    userData: null,
    migration: null,
    fault: null,
    createdAt: event.at,
    updatedAt: event.at,
  };
}

type Change = Exclude<InstanceEvent, { type: 'InstanceCreateRequested' | 'InstanceDeleted' }>;

function changes(state: PresentInstance, event: Change): Partial<PresentInstance> {
  if (isServerChangeEvent(event)) return evolveServerChange(state, event);
  switch (event.type) {
    case 'InstanceScheduled':
      return { host: event.host, ...ifNotDeleting(state, { task: { task: 'spawn' } }) };
    case 'InstanceSpawned':
      return { vmState: 'active', observedPower: null, task: null, launchedAt: event.at };
    case 'PowerActionRequested':
      return { task: { task: 'power', action: event.action, rebootType: event.rebootType } };
    case 'PowerActionCompleted':
      return { vmState: VM_STATE_AFTER[event.action], observedPower: null, task: null };
    case 'PowerStateObserved':
      return { observedPower: event.powerState };
    case 'RescueRequested':
      // A rescue on top of one whose record still stands keeps the true original (nova.md D.3-26).
      return { task: { task: 'rescue', images: event.rescueImages, original: state.rescue?.original ?? null } };
    case 'OriginalDefinitionCaptured':
      return captured(state, event);
    case 'InstanceRescued':
      return rescued(state, event);
    case 'UnrescueRequested':
      return { task: { task: 'unrescue' } };
    case 'InstanceUnrescued':
      return { vmState: 'active', observedPower: null, task: null, rescue: null };
    case 'LiveMigrationRequested':
      return { task: { task: 'migrate' }, migration: event.migrationId };
    case 'DestinationAdopted':
      return { host: event.host };
    case 'LiveMigrationCompleted':
      return { migration: null, ...ifNotDeleting(state, { task: null }) };
    case 'LiveMigrationRolledBack':
      return { migration: null, fault: faultOf(event), ...ifNotDeleting(state, { task: null }) };
    case 'RescueFailed':
      // A guest that was touched may be in either shape, so the record of its original stands.
      return event.guestAffected ? { ...failed(event), vmState: 'error', rescue: recordOf(state) } : failed(event);
    case 'InstanceCreateFailed':
    case 'UnrescueFailed':
    case 'DeleteFailed':
      return { ...failed(event), vmState: 'error' };
    case 'PowerActionFailed':
      return failed(event);
    case 'InstanceLocked':
      return { locked: true, lockedReason: event.reason };
    case 'InstanceUnlocked':
      return { locked: false, lockedReason: null };
    case 'InstanceStateReset':
      // While a migration is in flight its task stays: clearing it would let a second one start beside it. So does a
      // delete: its guest may be gone already.
      return { ...abandonedRescue(state), vmState: event.vmState, ...(isUnstoppable(state) ? {} : { task: null }) };
    case 'DeleteRequested':
      return { ...abandonedRescue(state), task: { task: 'delete' } };
    default:
      return impossible(event, 'evolveInstance');
  }
}

const isUnstoppable = ({ migration, task }: PresentInstance): boolean => migration !== null || task?.task === 'delete';

const VM_STATE_AFTER = {
  stop: 'stopped',
  start: 'active',
  pause: 'paused',
  unpause: 'active',
  suspend: 'suspended',
  resume: 'active',
  reboot: 'active',
} as const satisfies Record<PowerAction, VmState>;

const faultOf = ({ reason, at }: { reason: string; at: PresentInstance['updatedAt'] }) => ({ reason, at });

const failed = (event: { reason: string; at: PresentInstance['updatedAt'] }): Partial<PresentInstance> => ({
  task: null,
  fault: faultOf(event),
});

function ifNotDeleting(state: PresentInstance, change: Partial<PresentInstance>): Partial<PresentInstance> {
  return state.task?.task === 'delete' ? {} : change;
}

function captured(
  { task }: PresentInstance,
  { definition, sha256 }: Extract<InstanceEvent, { type: 'OriginalDefinitionCaptured' }>,
): Partial<PresentInstance> {
  return task?.task === 'rescue' ? { task: { ...task, original: { definition, sha256 } } } : {};
}

function rescued(state: PresentInstance, { at }: { at: PresentInstance['updatedAt'] }): Partial<PresentInstance> {
  return { vmState: 'rescued', observedPower: null, task: null, launchedAt: at, rescue: recordOf(state) };
}

// A rescue that is interrupted after the capture may have touched the guest, and its outcome is not heard any more.
const abandonedRescue = (state: PresentInstance): Partial<PresentInstance> => ({ rescue: recordOf(state) });

function recordOf({ task, rescue }: PresentInstance): RescueRecord | null {
  return task?.task === 'rescue' && task.original !== null ? { images: task.images, original: task.original } : rescue;
}
