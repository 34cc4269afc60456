import type { Clock } from '../ports/clock.ts';
import type { ViewSnapshots } from '../ports/view-snapshots.ts';
import type { Views } from './views.ts';

/** How many events a start replays at most, behind the snapshot: a fifth of a second. */
export const SNAPSHOT_EVERY_EVENTS = 50_000;
/** At a stop so few are not worth a file. */
export const SNAPSHOT_AT_STOP_EVENTS = 1000;
const LOOK_INTERVAL_MS = 10_000;

type Dependencies = { readonly views: Views; readonly snapshots: ViewSnapshots; readonly clock: Clock };

/** Writes a snapshot now and then, and a last one when `signal` aborts. Never rejects: without it a start takes longer. */
export async function keepViewSnapshots({ views, snapshots, clock }: Dependencies, signal: AbortSignal): Promise<void> {
  const saveIfBehind = async (eventsMin: number): Promise<void> => {
    if (views.eventsSinceSnapshot < eventsMin) return;
    const snapshot = views.snapshot();
    if (snapshot !== null) await snapshots.save(snapshot);
  };
  while (!signal.aborted) {
    await saveIfBehind(SNAPSHOT_EVERY_EVENTS);
    await clock.sleep(LOOK_INTERVAL_MS, signal);
  }
  await saveIfBehind(SNAPSHOT_AT_STOP_EVENTS);
}
