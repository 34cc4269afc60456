import { projectId, requestId, userId } from '../domain/shared/ids.ts';
import type { IdSource } from './ports/id-source.ts';
import type { RequestContext } from './request-context.ts';

/** For what Lifeboat asks of itself: each time a request of its own, that instance actions show and an audit finds. */
export function systemContext(ids: IdSource): RequestContext {
  return {
    requestId: requestId(`req-${ids.uuid()}`),
    userId: userId('lifeboat'),
    projectId: projectId('lifeboat'),
    roles: ['service'],
    isAdmin: true,
  };
}
