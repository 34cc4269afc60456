import type { HostName, Instant, ProjectId, RequestId, UserId } from '../../domain/shared/ids.ts';

export type InstanceActionEvent = {
  /** Nova's name: `<service prefix>_<method>` (nova.md F.4). */
  readonly event: string;
  /** Null for what no compute host did. */
  readonly host: HostName | null;
  readonly startTime: Instant;
  readonly finishTime: Instant | null;
  readonly result: 'Success' | 'Error' | null;
  /** Why it failed; for admins only. */
  readonly details: string | null;
};

/** One row of `os-instance-actions`. */
export type InstanceAction = {
  readonly action: string;
  readonly requestId: RequestId;
  readonly userId: UserId;
  readonly projectId: ProjectId;
  readonly startTime: Instant;
  readonly updatedAt: Instant;
  /** `Error` once an event of the action failed; later successes do not clear it (nova.md F.3). */
  readonly message: 'Error' | null;
  /** In order of start, oldest first. */
  readonly events: readonly InstanceActionEvent[];
};

export type EventResult = { readonly result: 'Success' } | { readonly result: 'Error'; readonly details: string };

export const SUCCESS: EventResult = { result: 'Success' };
export const errorOf = (details: string): EventResult => ({ result: 'Error', details });

/** Adds an unfinished event; several of one name may stand beside each other. `host` null: the conductor's own. */
export function startEvent(action: InstanceAction, event: string, host: HostName | null, at: Instant): InstanceAction {
  return { ...action, events: [...action.events, startedEvent(event, host, at)] };
}

const startedEvent = (event: string, host: HostName | null, at: Instant): InstanceActionEvent => ({
  event,
  host,
  startTime: at,
  finishTime: null,
  result: null,
  details: null,
});

/** Finishes the newest unfinished event of that name; one that was never seen to start starts and ends at once. */
export function finishEvent(
  action: InstanceAction,
  event: string,
  { host, at, outcome }: { readonly host: HostName | null; readonly at: Instant; readonly outcome: EventResult },
): InstanceAction {
  const index = action.events.findLastIndex((row) => row.event === event && row.finishTime === null);
  const begun = action.events[index] ?? startedEvent(event, host, at);
  const details = outcome.result === 'Error' ? outcome.details : null;
  const finished: InstanceActionEvent = { ...begun, finishTime: at, result: outcome.result, details };
  return {
    ...action,
    updatedAt: at,
    message: outcome.result === 'Error' ? 'Error' : action.message,
    events: index === -1 ? [...action.events, finished] : action.events.with(index, finished),
  };
}
