import type { Answer } from '../../../application/compute-api-answer.ts';
import type { RequestContext } from '../../../application/request-context.ts';
import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy } from '../policy.ts';

const UNCHANGED: Answer<null> = { accepted: true, value: null };

/** An owner's lock on top of an existing one changes nothing, as in Nova: it would take over an administrator's lock. */
export async function lockServer(
  { computeApi }: RouteDependencies,
  context: RequestContext,
  row: ServerRow,
  reason: string | null,
): Promise<Answer<null>> {
  if (row.locked && row.owner.projectId === context.projectId) return UNCHANGED;
  return computeApi.lock(context, row.instanceId, reason);
}

/** What an administrator of another project locked, the owner does not unlock (Nova's `unlock_override`). */
export async function unlockServer(
  { computeApi, views }: RouteDependencies,
  context: RequestContext,
  row: ServerRow,
): Promise<Answer<null> | { readonly forbidden: HttpAnswer }> {
  const lock = views.instanceActions.ofInstance(row.instanceId).findLast(({ action }) => action === 'lock');
  const lockedByOwner = lock === undefined || lock.projectId === row.owner.projectId;
  const forbidden =
    row.locked && !lockedByOwner
      ? refuseByPolicy(context, 'os_compute_api:os-lock-server:unlock:unlock_override', row.owner.projectId)
      : null;
  return forbidden === null ? computeApi.unlock(context, row.instanceId) : { forbidden };
}
