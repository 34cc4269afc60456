import type { RecordedEvent } from '../../application/ports/event-store.ts';

/** Events read ahead for one subscriber: few enough that a slow one holds little memory. */
export const SUBSCRIPTION_PAGE_EVENTS = 256;

export type SubscriptionSource = {
  /** Synchronous on purpose: nothing can be appended between an empty page and the wait that follows it. */
  readonly readPage: (after: number, limit: number) => readonly RecordedEvent[];
  readonly waitForMore: (signal: AbortSignal) => Promise<void>;
};

/** A store's `subscribe`: pages while there are any, then waits. Throws what `readPage` throws. */
export async function* subscription(
  source: SubscriptionSource,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<RecordedEvent, void, void> {
  let position = after;
  while (!signal.aborted) {
    const page = source.readPage(position, SUBSCRIPTION_PAGE_EVENTS);
    if (page.length === 0) await source.waitForMore(signal);
    for (const event of page) {
      if (signal.aborted) return;
      position = event.position;
      yield event;
    }
  }
}
