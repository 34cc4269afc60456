import type { CheckpointStore } from './ports/checkpoint-store.ts';
import type { EventStore, RecordedEvent } from './ports/event-store.ts';

/** Events taken up and not yet dealt with; reading pauses beyond it. */
export const IN_FLIGHT_MAX = 10_000;

/** After so many events that were nobody's business the checkpoint moves too, so that a restart need not read them. */
export const CHECKPOINT_EVERY_EVENTS = 1000;

export type Subscription = {
  readonly name: string;
  /** Resolves when the event has been dealt with for good; must not reject. Null: nothing to do. */
  readonly handle: (event: RecordedEvent) => Promise<void> | null;
};

/** `before` is the position of the event before it, whether that one was anybody's business or not. */
type InFlight = { readonly before: number; readonly handled: Promise<void> };

/**
 * Delivers every event after the saved checkpoint at least once. The checkpoint stays behind the oldest event still in
 * flight, so what a crash interrupts is delivered again. Returns when `signal` aborts.
 */
export async function runSubscription(
  { eventStore, checkpoints }: { readonly eventStore: EventStore; readonly checkpoints: CheckpointStore },
  { name, handle }: Subscription,
  signal: AbortSignal,
): Promise<void> {
  const inFlight = new Map<number, InFlight>();
  let newest = await checkpoints.load(name);
  let saved = newest;
  const save = async () => {
    const [oldest] = inFlight.values();
    // Always the position of an event: between two of them some stores cannot begin.
    const reached = oldest === undefined ? newest : oldest.before;
    if (reached <= saved) return;
    saved = reached;
    // A checkpoint not saved is an event delivered twice, and no loss.
    await checkpoints.save(name, reached).catch(() => undefined);
  };
  for await (const event of eventStore.subscribe(newest, signal)) {
    const before = newest;
    newest = event.position;
    const handled = handle(event);
    if (handled === null) {
      if (newest - saved >= CHECKPOINT_EVERY_EVENTS) await save();
      continue;
    }
    inFlight.set(event.position, { before, handled });
    void handled.then(async () => {
      // A handler may give up at the signal; what it then leaves must be delivered again at the next start.
      if (signal.aborted) return;
      inFlight.delete(event.position);
      await save();
    });
    if (inFlight.size >= IN_FLIGHT_MAX) await Promise.race([...inFlight.values()].map((one) => one.handled));
  }
}
