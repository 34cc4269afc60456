import { hostname } from 'node:os';
import type { InstanceAction, InstanceActionEvent } from '../../../application/views/instance-action.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { sentenceOf } from '../../../domain/scheduling/choose-host.ts';
import type { InstanceId } from '../../../domain/shared/ids.ts';
import { hostId } from '../host-id.ts';
import { supports } from '../supports.ts';
import { inMicroseconds } from '../time-format.ts';

export type ActionVisibility = {
  readonly microversion: Microversion;
  /** Policy `events`: hosts and tracebacks, and events at all below 2.51. */
  readonly events: boolean;
  /** Policy `events:details`: the reason of a failure. */
  readonly details: boolean;
};

const DETAILS_CHARACTERS_MAX = 255;

/** What Nova's conductor does is done by this process. */
const CONDUCTOR = 'conductor_';
const CONDUCTOR_HOST = hostname();

/** One row of the list; the reason of a failure is never in it (nova.md F.1). */
export function instanceActionSummary(
  instanceId: InstanceId,
  action: InstanceAction,
  microversion: Microversion,
): object {
  return {
    action: action.action,
    instance_uuid: instanceId,
    request_id: action.requestId,
    user_id: action.userId,
    project_id: action.projectId,
    start_time: inMicroseconds(action.startTime),
    message: action.message,
    ...(supports(microversion, 58) ? { updated_at: inMicroseconds(action.updatedAt) } : {}),
  };
}

export function instanceActionDetail(
  instanceId: InstanceId,
  action: InstanceAction,
  visibility: ActionVisibility,
): object {
  const summary = instanceActionSummary(instanceId, action, visibility.microversion);
  if (!visibility.events && !supports(visibility.microversion, 51)) return summary;
  const events = action.events.toReversed().map((event) => actionEvent(event, action.projectId, visibility));
  return { ...summary, events };
}

function actionEvent(event: InstanceActionEvent, projectId: string, visibility: ActionVisibility): object {
  const { microversion } = visibility;
  const host = event.event.startsWith(CONDUCTOR) ? CONDUCTOR_HOST : event.host;
  return {
    event: event.event,
    start_time: inMicroseconds(event.startTime),
    finish_time: event.finishTime === null ? null : inMicroseconds(event.finishTime),
    result: event.result,
    // There is no Python here to trace: the reason is told where administrators below 2.84 look for it.
    ...(visibility.events ? { traceback: event.details } : {}),
    ...(supports(microversion, 62) ? { hostId: hostId(projectId, host) } : {}),
    ...(supports(microversion, 62) && visibility.events ? { host } : {}),
    ...(supports(microversion, 84) && visibility.details
      ? { details: event.details === null ? null : sentenceOf(event.details).slice(0, DETAILS_CHARACTERS_MAX) }
      : {}),
  };
}
