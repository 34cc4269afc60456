// An example, shown in docs/consume-events.md and run by instance-action-view.spec.ts. It builds, outside of Lifeboat,
// what `openstack server event list` shows: who asked what of each server, and whether it is done.
// region: example
import { openEventStore } from '../../adapters/event-store/open-event-store.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import { followEvents } from '../../application/follow-events.ts';
import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import type { RecordedEvent } from '../../application/ports/event-store.ts';

type Action = { readonly request: string; readonly user: string; readonly asked: string; finished: string | null };

/** The view: every action of every server, by the id of the request that asked for it. */
export class InstanceActionView {
  readonly actions = new Map<string, Action>();

  /** Seeing an event twice changes nothing: an event may be delivered again after a crash. */
  project({ data, metadata }: RecordedEvent): void {
    const { correlationId: request, actor: user } = metadata;
    if (data.type === 'LiveMigrationRequested' || data.type === 'RescueRequested') {
      const known = this.actions.get(request);
      this.actions.set(request, { request, user, asked: data.type, finished: known?.finished ?? null });
    }
    if (data.type === 'LiveMigrationCompleted' || data.type === 'InstanceRescued') {
      const action = this.actions.get(request);
      if (action !== undefined) action.finished = data.at;
    }
  }
}

/** Keeps the view up to date until `signal` aborts. `checkpoints`: where the view itself is kept, or nowhere. */
export async function followActions(
  store: string,
  view: InstanceActionView,
  checkpoints: CheckpointStore,
  signal: AbortSignal,
): Promise<void> {
  const { eventStore } = await openEventStore({ key: 'store', url: store }, new SystemClock());
  const handle = (event: RecordedEvent): void => view.project(event);
  try {
    await followEvents({ eventStore, checkpoints }, { name: 'instance actions', handle }, signal);
  } finally {
    await eventStore.close();
  }
}

/** This view is in memory and dies with its process, so it begins anew each time. */
export const fromTheBeginning: CheckpointStore = {
  load: () => Promise.resolve(0),
  save: () => Promise.resolve(),
};
// end: example
