import { impossible } from '../shared/impossible.ts';
import type { PresentInstance } from './instance-state.ts';
import type { ServerChangeEvent } from './server-change-events.ts';

/** What a change by the owner makes of a server. */
export function evolveServerChange(state: PresentInstance, event: ServerChangeEvent): Partial<PresentInstance> {
  switch (event.type) {
    case 'CreateOptionsRecorded':
      return { options: event.options };
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
    case 'ResizeConfirmed':
      return { task: null, vmState: state.resize?.vmState ?? 'active', resize: null };
    case 'ResizeRevertRequested':
      return { task: { task: 'revertResize' } };
    case 'ResizeReverted':
      return reverted(state);
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

function resized({ task, flavor, vmState }: PresentInstance): Partial<PresentInstance> {
  if (task?.task !== 'resize') return {};
  const before = vmState === 'stopped' ? 'stopped' : 'active';
  return { task: null, vmState: 'resized', flavor: task.flavor, resize: { flavor, vmState: before } };
}

function reverted({ resize }: PresentInstance): Partial<PresentInstance> {
  return resize === null
    ? { task: null }
    : { task: null, vmState: resize.vmState, flavor: resize.flavor, resize: null };
}
