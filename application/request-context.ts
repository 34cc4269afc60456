import type { ProjectId, RequestId, UserId } from '../domain/shared/ids.ts';

/** Who asks, as the identity adapter has established it. */
export type RequestContext = {
  readonly requestId: RequestId;
  readonly userId: UserId;
  readonly projectId: ProjectId;
  readonly roles: readonly string[];
  /** OpenStack's context_is_admin: sees every project, and is not stopped by a lock. */
  readonly isAdmin: boolean;
};
