import type { RequestContext } from '../../../application/request-context.ts';
import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { Views } from '../../../application/views/views.ts';
import { instanceId } from '../../../domain/shared/ids.ts';

/**
 * The server as far as the caller may know of it: null when there is none, and when it is another project's (nova.md
 * H.2: a stranger's server does not exist). Any text may be given as the id.
 */
export function visibleServer(
  { servers }: Pick<Views, 'servers'>,
  context: RequestContext,
  givenId: string,
): ServerRow | null {
  const row = servers.find(instanceId(givenId.toLowerCase()));
  return row !== null && isVisible(row, context) ? row : null;
}

/** As `visibleServer`, for everything that ends with the server's deletion. */
export function presentServer(
  views: Pick<Views, 'servers'>,
  context: RequestContext,
  givenId: string,
): ServerRow | null {
  const row = visibleServer(views, context, givenId);
  return row?.existence === 'present' ? row : null;
}

export function isVisible({ owner }: ServerRow, { isAdmin, projectId }: RequestContext): boolean {
  return isAdmin || owner.projectId === projectId;
}
