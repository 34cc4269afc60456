import type { ProjectId, RequestId, UserId } from './ids.ts';

/** Who asked, and in which request: what an instance action shows and an audit looks for. */
export type Initiator = {
  readonly requestId: RequestId;
  readonly userId: UserId;
  readonly projectId: ProjectId;
};
