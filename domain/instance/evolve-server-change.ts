import { impossible } from '../shared/impossible.ts';
import type { PresentInstance } from './instance-state.ts';
import type { ServerChangeEvent } from './server-change-events.ts';

/** What a change by the owner makes of a server. */
export function evolveServerChange(state: PresentInstance, event: ServerChangeEvent): Partial<PresentInstance> {
  switch (event.type) {
    case 'CreateOptionsRecorded':
      return { options: event.options };
    case 'NetworkInterfacesRecorded':
      return { networkInterfaces: event.interfaces };
    case 'InstanceUpdated':
      return { name: event.name, details: event.details };
    case 'InstanceMetadataReplaced':
      return { metadata: event.metadata };
    case 'InstanceTagsReplaced':
      return { tags: event.tags };
    case 'RebuildRequested':
      return { images: event.images, task: { task: 'rebuild', stopAfter: state.vmState === 'stopped' } };
    case 'InstanceRebuilt':
      return rebuilt(state, event.at);
    case 'RebuildFailed':
    case 'ResizeRevertFailed':
      return { ...failed(event), vmState: 'error' };
    case 'ResizeRequested':
      return { task: { task: 'resize', flavor: event.flavor } };
    case 'InstanceResized':
      return resized(state);
    case 'ResizeFailed':
      return event.guestAffected ? { ...failed(event), vmState: 'error' } : failed(event);
    case 'ColdMigrationRequested':
      return { task: { task: 'coldMigrate', destination: event.destination } };
    case 'ResizeConfirmRequested':
      return { task: { task: 'confirmResize', initiator: event.initiator } };
    case 'ResizeConfirmed':
      return { task: null, vmState: state.resize?.vmState ?? 'active', resize: null };
    case 'ResizeRevertRequested':
      return { task: { task: 'revertResize' } };
    case 'ResizeReverted':
      return reverted(state);
    case 'GuestDataReplaced':
      return { userData: event.userData, options: { ...state.options, keyName: event.keyName } };
    case 'ShelveRequested':
      return { task: { task: 'shelve', image: event.image } };
    case 'InstanceShelved':
      return shelved(state);
    case 'ShelveFailed':
      return event.guestAffected ? { ...failed(event), vmState: 'error' } : failed(event);
    case 'UnshelveRequested':
      return { task: { task: 'unshelve', host: event.host } };
    case 'InstanceUnshelved':
      return unshelved(state, event.at);
    case 'UnshelveFailed':
      return failed(event);
    case 'SnapshotRequested':
      return { task: { task: 'snapshot', image: event.image } };
    case 'SnapshotTaken':
      return { task: null };
    case 'SnapshotFailed':
      return failed(event);
    case 'AdminPasswordChangeFailed':
      return {};
    default:
      return impossible(event, 'evolveServerChange');
  }
}

type At = PresentInstance['updatedAt'];

const failed = ({ reason, at }: { readonly reason: string; readonly at: At }): Partial<PresentInstance> => ({
  task: null,
  fault: { reason, at },
});

/** The disks are new, so nothing is left of a rescue that was interrupted. */
function rebuilt({ task }: PresentInstance, at: At): Partial<PresentInstance> {
  const stopped = task?.task === 'rebuild' && task.stopAfter;
  return { task: null, vmState: stopped ? 'stopped' : 'active', launchedAt: at, rescue: null, fault: null };
}

function resized({ task, host, flavor, vmState }: PresentInstance): Partial<PresentInstance> {
  const before = vmState === 'stopped' ? 'stopped' : 'active';
  if (task?.task === 'coldMigrate') {
    const resize = { flavor, vmState: before, source: host } as const;
    return { task: null, vmState: 'resized', observedPower: null, host: task.destination, resize };
  }
  if (task?.task !== 'resize') return {};
  return { task: null, vmState: 'resized', flavor: task.flavor, resize: { flavor, vmState: before, source: null } };
}

function shelved({ task }: PresentInstance): Partial<PresentInstance> {
  if (task?.task !== 'shelve') return {};
  return { task: null, vmState: 'shelved_offloaded', observedPower: null, host: null, shelved: task.image };
}

function unshelved({ task }: PresentInstance, at: At): Partial<PresentInstance> {
  if (task?.task !== 'unshelve') return {};
  return { task: null, vmState: 'active', observedPower: null, host: task.host, shelved: null, launchedAt: at };
}

function reverted({ resize, host }: PresentInstance): Partial<PresentInstance> {
  if (resize === null) return { task: null };
  const { flavor, vmState, source } = resize;
  return { task: null, vmState, flavor, host: source ?? host, resize: null };
}
