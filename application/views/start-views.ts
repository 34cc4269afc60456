import type { EventStore } from '../ports/event-store.ts';
import type { Log } from '../ports/log.ts';
import type { ViewSnapshot, ViewSnapshots } from '../ports/view-snapshots.ts';
import type { Views } from './views.ts';

type Dependencies = {
  readonly views: Views;
  readonly eventStore: EventStore;
  readonly snapshots: ViewSnapshots;
  readonly log: Log;
};

/** Brings new views to the present end of the log: from a snapshot if there is one of this very log, else from its beginning. */
export async function startViews({ views, eventStore, snapshots, log }: Dependencies): Promise<void> {
  const begin = performance.now();
  const snapshot = await snapshots.load();
  const isUsed = snapshot !== null && (await isOf(eventStore, snapshot));
  if (isUsed) views.restore(snapshot);
  const from = views.position;
  await views.rebuild(eventStore);
  const milliseconds = Math.round(performance.now() - begin);
  log.info({ from, to: views.position, milliseconds, snapshot: isUsed }, 'The views show the whole log.');
}

/** A log that was restored from a backup and went on has other events, or none, at that place. */
async function isOf(eventStore: EventStore, { last }: ViewSnapshot): Promise<boolean> {
  const [event] = await eventStore.readStream(last.stream, last.revision);
  return event?.id === last.id && event.revision === last.revision && event.position === last.position;
}
