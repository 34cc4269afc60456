import type { InstanceEvent } from '../../domain/instance/instance-events.ts';
import type { HostName } from '../../domain/shared/ids.ts';
import type { Initiator } from '../../domain/shared/initiator.ts';
import { isServerChangeEvent, type ServerChangeEvent } from '../../domain/instance/server-change-events.ts';
import { impossible } from '../../domain/shared/impossible.ts';
import { errorOf, finishEvent, startEvent, SUCCESS, type InstanceAction } from './instance-action.ts';

export type ActionsOfInstance = {
  readonly actions: readonly InstanceAction[];
  /** Where the server is, for the events that its own compute service reports. */
  readonly host: HostName | null;
};

export const NO_ACTIONS: ActionsOfInstance = { actions: [], host: null };

/** One event of a server as its instance actions show it. Names: nova.md F.4. */
export function projectInstanceEvent(before: ActionsOfInstance, event: InstanceEvent): ActionsOfInstance {
  if (isServerChangeEvent(event)) return projectServerChange(before, event);
  switch (event.type) {
    case 'InstanceCreateRequested':
      return begun(before, 'create', event, SCHEDULE);
    case 'InstanceScheduled': {
      const scheduled = finished(before, 'create', SCHEDULE, event);
      return startedOn({ ...scheduled, host: event.host }, 'create', SPAWN, event.at);
    }
    case 'InstanceSpawned':
      return finished(before, 'create', SPAWN, event);
    case 'InstanceCreateFailed':
      return finished(before, 'create', before.host === null ? SCHEDULE : SPAWN, event);
    case 'PowerActionRequested':
      return begun(before, event.action, event, `compute_${event.action}_instance`);
    case 'PowerActionCompleted':
    case 'PowerActionFailed':
      return finished(before, event.action, `compute_${event.action}_instance`, event);
    case 'RescueRequested':
      return begun(before, 'rescue', event, 'compute_rescue_instance');
    case 'InstanceRescued':
    case 'RescueFailed':
      return finished(before, 'rescue', 'compute_rescue_instance', event);
    case 'UnrescueRequested':
      return begun(before, 'unrescue', event, 'compute_unrescue_instance');
    case 'InstanceUnrescued':
    case 'UnrescueFailed':
      return finished(before, 'unrescue', 'compute_unrescue_instance', event);
    case 'LiveMigrationRequested':
      return added(before, 'live-migration', event);
    case 'DestinationAdopted':
      return { ...before, host: event.host };
    case 'InstanceLocked':
      return added(before, 'lock', event);
    case 'InstanceUnlocked':
      return added(before, 'unlock', event);
    case 'InstanceStateReset':
      return added(before, 'resetState', event);
    case 'DeleteRequested':
      return begun(before, 'delete', event, 'compute_terminate_instance');
    case 'InstanceDeleted':
    case 'DeleteFailed':
      return finished(before, 'delete', 'compute_terminate_instance', event);
    case 'OriginalDefinitionCaptured':
    case 'PowerStateObserved':
    case 'LiveMigrationCompleted':
    case 'LiveMigrationRolledBack':
      return before;
    default:
      return impossible(event, 'projectInstanceEvent');
  }
}

/** Writing about a server is no action, as in Nova. */
function projectServerChange(before: ActionsOfInstance, event: ServerChangeEvent): ActionsOfInstance {
  switch (event.type) {
    case 'RebuildRequested':
      return begun(before, 'rebuild', event, 'compute_rebuild_instance');
    case 'InstanceRebuilt':
    case 'RebuildFailed':
      return finished(before, 'rebuild', 'compute_rebuild_instance', event);
    case 'ResizeRequested':
      return begun(before, 'resize', event, 'compute_resize_instance');
    case 'ColdMigrationRequested':
      return begun(before, 'migrate', event, 'compute_resize_instance');
    case 'InstanceResized':
    case 'ResizeFailed':
      return finished(before, ...moveInProgress(before), event);
    case 'ResizeConfirmRequested':
      return begun(before, 'confirmResize', event, 'compute_confirm_resize');
    case 'ResizeConfirmed':
      return before.actions.at(-1)?.action === 'confirmResize' && hasOpenEvent(before)
        ? finished(before, 'confirmResize', 'compute_confirm_resize', event)
        : added(before, 'confirmResize', event);
    case 'ResizeRevertRequested':
      return begun(before, 'revertResize', event, 'compute_revert_resize');
    case 'ResizeReverted':
    case 'ResizeRevertFailed':
      return finished(before, 'revertResize', 'compute_revert_resize', event);
    case 'AdminPasswordChangeFailed':
      return finished(added(before, 'changePassword', event), 'changePassword', 'compute_set_admin_password', event);
    case 'ShelveRequested':
      return begun(before, 'shelve', event, 'compute_shelve_instance');
    case 'InstanceShelved':
      return { ...finished(before, 'shelve', 'compute_shelve_instance', event), host: null };
    case 'ShelveFailed':
      return finished(before, 'shelve', 'compute_shelve_instance', event);
    case 'SnapshotRequested':
      return begun(before, 'createImage', event, 'compute_snapshot_instance');
    case 'SnapshotTaken':
    case 'SnapshotFailed':
      return finished(before, 'createImage', 'compute_snapshot_instance', event);
    case 'UnshelveRequested':
      return begun({ ...before, host: event.host }, 'unshelve', event, 'compute_unshelve_instance');
    case 'InstanceUnshelved':
      return finished(before, 'unshelve', 'compute_unshelve_instance', event);
    case 'UnshelveFailed':
      return { ...finished(before, 'unshelve', 'compute_unshelve_instance', event), host: null };
    case 'CreateOptionsRecorded':
    case 'NetworkInterfacesRecorded':
    case 'GuestDataReplaced':
    case 'InstanceUpdated':
    case 'InstanceMetadataReplaced':
    case 'InstanceTagsReplaced':
      return before;
    default:
      return impossible(event, 'projectServerChange');
  }
}

/** A confirmation that fails is told as such; otherwise the guest has moved, with another flavor or to another host. */
function moveInProgress({ actions }: ActionsOfInstance): readonly [action: string, event: string] {
  const newest = actions.findLast(({ action }) => MOVES.includes(action));
  if (newest?.action === 'confirmResize') return ['confirmResize', 'compute_confirm_resize'];
  return [newest?.action ?? 'resize', 'compute_resize_instance'];
}

const MOVES: readonly string[] = ['resize', 'migrate', 'confirmResize'];

const hasOpenEvent = ({ actions }: ActionsOfInstance): boolean =>
  actions.at(-1)?.events.some(({ finishTime }) => finishTime === null) === true;

const SCHEDULE = 'conductor_schedule_and_build_instances';
const SPAWN = 'compute__do_build_and_run_instance';

type Asked = { readonly initiator: Initiator; readonly at: InstanceAction['startTime'] };

function added(before: ActionsOfInstance, action: string, { initiator, at }: Asked): ActionsOfInstance {
  const { requestId } = initiator;
  // Each event brings texts of its own; that the same user asks again is what a fleet's memory would be full of.
  const { userId, projectId } = sameUser(before.actions.at(-1), initiator) ?? initiator;
  const times = { startTime: at, updatedAt: at };
  const row: InstanceAction = { action, requestId, userId, projectId, ...times, message: null, events: NO_EVENTS };
  return { ...before, actions: [...before.actions, row] };
}

const NO_EVENTS: InstanceAction['events'] = [];

const sameUser = (last: InstanceAction | undefined, { userId, projectId }: Initiator): InstanceAction | null =>
  last?.userId === userId && last.projectId === projectId ? last : null;

/** A row for what somebody has asked, with its first event under way. */
export function begun(before: ActionsOfInstance, action: string, asked: Asked, event: string): ActionsOfInstance {
  return changed(added(before, action, asked), action, (row) => startEvent(row, event, before.host, asked.at));
}

function startedOn(before: ActionsOfInstance, action: string, event: string, at: Asked['at']): ActionsOfInstance {
  return changed(before, action, (row) => startEvent(row, event, before.host, at));
}

/** The newest action of that name has ended its event; a `reason` tells that it failed. */
export function finished(
  before: ActionsOfInstance,
  action: string,
  event: string,
  ended: { readonly at: Asked['at']; readonly reason?: string },
): ActionsOfInstance {
  // Only an event that tells of a failure has a reason.
  const outcome = ended.reason === undefined ? SUCCESS : errorOf(ended.reason);
  return changed(before, action, (row) => finishEvent(row, event, { host: before.host, at: ended.at, outcome }));
}

/** The newest action of that name is the one in progress: a server has one task at a time. */
function changed(
  before: ActionsOfInstance,
  action: string,
  change: (row: InstanceAction) => InstanceAction,
): ActionsOfInstance {
  const newest = before.actions.findLastIndex((row) => row.action === action);
  const row = before.actions[newest];
  return row === undefined ? before : { ...before, actions: before.actions.with(newest, change(row)) };
}
