import type { Instant } from '../shared/ids.ts';

/**
 * What an operator has asked of a view, in the stream of that view; who it was stands in the metadata. Every process
 * that follows the log obeys.
 */
export type ViewEvent =
  /** The view goes on behind the event it could not digest. `reason`: why it could not. */
  | { readonly type: 'PoisonEventSkipped'; readonly eventId: string; readonly reason: string; readonly at: Instant }
  | { readonly type: 'ViewRetryRequested'; readonly at: Instant }
  | { readonly type: 'ViewRebuildRequested'; readonly at: Instant };
