import { EventUnreadable, type RecordedEvent } from '../../application/ports/event-store.ts';

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
    const page = readablePage(source, position);
    if (page.length === 0) await source.waitForMore(signal);
    for (const event of page) {
      if (signal.aborted) return;
      position = event.position;
      yield event;
    }
  }
}

/** What comes before an event that cannot be read is delivered; the next page begins with it and throws. */
function readablePage({ readPage }: SubscriptionSource, after: number): readonly RecordedEvent[] {
  for (let limit = SUBSCRIPTION_PAGE_EVENTS; ; limit = Math.ceil(limit / 2)) {
    try {
      return readPage(after, limit);
    } catch (error) {
      if (!(error instanceof EventUnreadable) || limit === 1) throw error;
    }
  }
}
