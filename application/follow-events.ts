import type { CheckpointStore } from './ports/checkpoint-store.ts';
import type { EventStore, RecordedEvent } from './ports/event-store.ts';

/** The checkpoint is saved after so many events, and whenever no further one is at hand. */
export const CONSUMER_CHECKPOINT_EVENTS = 1000;

export type Consumer = {
  /** Its checkpoint's name; another consumer of the same log has another. */
  readonly name: string;
  /** Deals with one event; the next one comes when this has resolved. May see an event twice, never out of order. */
  readonly handle: (event: RecordedEvent) => void | Promise<void>;
};

/** The consumer could not deal with an event. It is the first to come again when the consumer is started anew. */
export class ConsumerStopped extends Error {
  override readonly name = 'ConsumerStopped';
  readonly event: RecordedEvent;
  constructor(consumer: string, event: RecordedEvent, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = `${event.data.type} at position ${event.position} of ${event.stream}`;
    super(`${consumer} has stopped at ${what}: ${why}`, { cause });
    this.event = event;
  }
}

/**
 * For a program that builds something of its own from the log: every event after the saved checkpoint, in order, first
 * what is recorded, then what comes; each at least once. Nothing is read ahead of a slow consumer but what the store's
 * own page holds. Returns when `signal` aborts, with the checkpoint saved. Throws ConsumerStopped; EventUnreadable for an
 * event of a newer Lifeboat or a damaged one; and what the stores throw. docs/consume-events.md has an example.
 */
export async function followEvents(
  {
    eventStore,
    checkpoints,
  }: { readonly eventStore: Pick<EventStore, 'subscribe'>; readonly checkpoints: CheckpointStore },
  { name, handle }: Consumer,
  signal: AbortSignal,
): Promise<void> {
  let saved = await checkpoints.load(name);
  let position = saved;
  let unsaved = 0;
  const save = async (): Promise<void> => {
    if (position === saved) return;
    await checkpoints.save(name, position);
    saved = position;
    unsaved = 0;
  };
  const stop = new AbortController();
  const events = eventStore.subscribe(position, AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = events.next();
      const atHand = await isAtHand(next);
      if (!atHand || unsaved >= CONSUMER_CHECKPOINT_EVENTS) await save();
      const { value: event, done } = await next;
      if (done === true) break;
      await handled(name, handle, event);
      position = event.position;
      unsaved += 1;
    }
  } finally {
    // A subscription that waits for its next event would not hear `return`.
    stop.abort();
    await events.return?.();
    await save();
  }
}

async function handled(name: string, handle: Consumer['handle'], event: RecordedEvent): Promise<void> {
  try {
    await handle(event);
  } catch (error) {
    throw new ConsumerStopped(name, event, error);
  }
}

/** False when whatever comes next has to be waited for. */
async function isAtHand(next: Promise<unknown>): Promise<boolean> {
  const turn = Promise.withResolvers<boolean>();
  const immediate = setImmediate(() => turn.resolve(false));
  const settled = next.then(
    () => true,
    () => true,
  );
  const atHand = await Promise.race([settled, turn.promise]);
  clearImmediate(immediate);
  return atHand;
}
