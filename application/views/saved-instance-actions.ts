import type { InstanceId } from '../../domain/shared/ids.ts';
import type { InstanceAction, InstanceActionEvent } from './instance-action.ts';
import type { ActionsOfInstance } from './project-instance-event.ts';

// Nearly all that the views know are instance actions, so the names of their members are left out.
type SavedEvent = readonly [
  event: InstanceActionEvent['event'],
  host: InstanceActionEvent['host'],
  startTime: InstanceActionEvent['startTime'],
  finishTime: InstanceActionEvent['finishTime'],
  result: InstanceActionEvent['result'],
  details: InstanceActionEvent['details'],
];
type SavedAction = readonly [
  action: InstanceAction['action'],
  requestId: InstanceAction['requestId'],
  userId: InstanceAction['userId'],
  projectId: InstanceAction['projectId'],
  startTime: InstanceAction['startTime'],
  updatedAt: InstanceAction['updatedAt'],
  message: InstanceAction['message'],
  events: readonly SavedEvent[],
];
type Saved = readonly [kind: 'actions', id: InstanceId, host: ActionsOfInstance['host'], ...actions: SavedAction[]];

/** One server's instance actions as one row of a saved view. */
export function savedActions(id: InstanceId, { host, actions }: ActionsOfInstance): string {
  return JSON.stringify(['actions', id, host, ...actions.map(savedAction)] satisfies Saved);
}

/** What `savedActions` was given. */
export function readSavedActions(row: string): ActionsOfInstance {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const [, , host, ...actions] = JSON.parse(row) as Saved;
  return { actions: actions.map(readAction), host };
}

const savedAction = (row: InstanceAction): SavedAction => [
  row.action,
  row.requestId,
  row.userId,
  row.projectId,
  row.startTime,
  row.updatedAt,
  row.message,
  row.events.map(savedEvent),
];

const savedEvent = (row: InstanceActionEvent): SavedEvent => [
  row.event,
  row.host,
  row.startTime,
  row.finishTime,
  row.result,
  row.details,
];

function readAction(saved: SavedAction): InstanceAction {
  const [action, requestId, userId, projectId, startTime, updatedAt, message, events] = saved;
  return { action, requestId, userId, projectId, startTime, updatedAt, message, events: events.map(readEvent) };
}

function readEvent([event, host, startTime, finishTime, result, details]: SavedEvent): InstanceActionEvent {
  return { event, host, startTime, finishTime, result, details };
}
