import { ownerOf, type EventOwner } from '../aggregates.ts';
import { isViewEvent } from '../catalogue-aggregates.ts';
import type { EventStore, RecordedEvent } from '../ports/event-store.ts';
import type { ViewSnapshot } from '../ports/view-snapshots.ts';
import type { ViewEvent } from '../../domain/view/view-events.ts';
import { inTurn } from '../in-turn.ts';
import { REPLAY_PAGE_EVENTS, type FollowedView, type ViewStatus } from './followed-view.ts';
import type { ComputeServicesView } from './compute-services-view.ts';
import type { FlavorsView } from './flavors-view.ts';
import type { InstanceActionsView } from './instance-actions-view.ts';
import type { KeyPairsView } from './key-pairs-view.ts';
import type { MigrationsView } from './migrations-view.ts';
import type { ServerGroupsView } from './server-groups-view.ts';
import type { ServersView } from './servers-view.ts';
import type { View } from './view.ts';
import { FED_BY, isViewName, newViewSet, VIEW_NAMES, type ViewName } from './view-set.ts';
import type { ViewStop } from './view-stopped.ts';

/** How long a request waits for its own write to be visible before it gives up with StoreUnavailable's 503. */
export const CATCH_UP_TIMEOUT_MS = 5000;

type Waiter = { readonly isSo: () => boolean; readonly resolve: () => void };
type Log = Pick<EventStore, 'readAll'>;

/**
 * The read side: every view of this process, kept in memory and built from the log alone. A view never refuses a
 * recorded fact; an event it cannot digest is a bug and stops this view, which then throws ViewStopped at every reader
 * until an operator has said how it goes on (ADR 0016). What operators say is in the log, and obeyed as it comes.
 */
export class Views {
  readonly #views;
  /** The same ones, by whose events they are shown. */
  readonly #fed: Readonly<Record<EventOwner, readonly FollowedView<View>[]>>;
  /** Null: nobody reads the log for these views, so there is nothing to catch up from. */
  #log: Log | null = null;
  #last: RecordedEvent | null = null;
  #position = 0;
  #eventsSinceSnapshot = 0;
  #isLive = false;
  #failure: Error | null = null;
  readonly #operations = new Set<Promise<unknown>>();
  readonly #waiters = new Set<Waiter>();

  constructor(onStop: (view: string, stop: ViewStop) => void = () => undefined) {
    const views = newViewSet(onStop);
    const fedBy = (owner: EventOwner): readonly FollowedView<View>[] => FED_BY[owner].map((name) => views[name]);
    this.#views = views;
    this.#fed = {
      instance: fedBy('instance'),
      migrationSaga: fedBy('migrationSaga'),
      computeService: fedBy('computeService'),
      keyPair: fedBy('keyPair'),
      serverGroup: fedBy('serverGroup'),
      flavor: fedBy('flavor'),
      view: fedBy('view'),
    };
  }

  get servers(): ServersView {
    return this.#views.servers.view;
  }
  get migrations(): MigrationsView {
    return this.#views.migrations.view;
  }
  get instanceActions(): InstanceActionsView {
    return this.#views.instanceActions.view;
  }
  get computeServices(): ComputeServicesView {
    return this.#views.computeServices.view;
  }
  get keyPairs(): KeyPairsView {
    return this.#views.keyPairs.view;
  }
  get serverGroups(): ServerGroupsView {
    return this.#views.serverGroups.view;
  }
  get flavors(): FlavorsView {
    return this.#views.flavors.view;
  }

  /** Position of the newest event that was shown to the views; one that stands still is behind it. */
  get position(): number {
    return this.#position;
  }

  /** Redelivered events are skipped: a view never goes back in time. */
  project(event: RecordedEvent): void {
    if (event.position <= this.#position) return;
    const owner = ownerOf(event.data);
    if (owner !== null) for (const view of this.#fed[owner]) view.project(event, this.#position);
    this.#position = event.position;
    this.#eventsSinceSnapshot += 1;
    this.#last = event;
    if (owner === 'view' && isViewEvent(event.data)) this.#obey(event.stream.slice('view-'.length), event.data);
    if (this.#waiters.size === 0) return;
    for (const waiter of this.#waiters) if (waiter.isSo()) waiter.resolve();
  }

  #obey(name: string, event: ViewEvent): void {
    // An older or a newer program may have had a view of another name.
    if (!isViewName(name)) return;
    const view = this.#views[name];
    const others = () => this.#position;
    if (event.type === 'PoisonEventSkipped') view.skip(event.eventId);
    if (event.type !== 'ViewRebuildRequested') this.#operate(view, (log) => view.catchUp(log, others));
    // What is read from the beginning anyway need not be made twice.
    else if (this.#isLive) this.#operate(view, (log) => view.rebuild(log, others));
  }

  /** Beside everything else, one after another for one view. A log that cannot be read is the follower's business. */
  #operate(view: object, work: (log: Log) => Promise<void>): void {
    const log = this.#log;
    if (log === null) return;
    const operation = inTurn(view, () => work(log)).catch(() => undefined);
    this.#operations.add(operation);
    void operation.then(() => this.#operations.delete(operation));
  }

  /** Resolves once everything that operators have asked for so far is done. */
  async settled(): Promise<void> {
    while (this.#operations.size > 0) await Promise.all(this.#operations);
  }

  /** Reads the log to its present end; called once, before the first request is served. */
  async rebuild(eventStore: Log): Promise<void> {
    this.#log = eventStore;
    for (;;) {
      const page = await eventStore.readAll(this.#position, REPLAY_PAGE_EVENTS);
      for (const event of page) this.project(event);
      if (page.length < REPLAY_PAGE_EVENTS) break;
    }
    await this.settled();
  }

  /** Follows the log until `signal` aborts; rejects, after telling every reader, when an event cannot be read. */
  async follow(eventStore: Log & Pick<EventStore, 'subscribe'>, signal: AbortSignal): Promise<void> {
    this.#log = eventStore;
    this.#isLive = true;
    try {
      for await (const event of eventStore.subscribe(this.#position, signal)) this.project(event);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw this.#failure;
    }
  }

  /** Why all views stand still, or null. A reader must not be shown yesterday's state as today's. */
  get failure(): Error | null {
    return this.#failure;
  }

  status(): readonly ViewStatus[] {
    return VIEW_NAMES.map((name) => this.#views[name].status(this.#position));
  }

  /** Throws ViewStopped: for a change whose outcome could not be shown. */
  demand(name: ViewName): void {
    void this.#views[name].view;
  }

  /** How many events the views have taken in since they were saved or restored. */
  get eventsSinceSnapshot(): number {
    return this.#eventsSinceSnapshot;
  }

  /** All views as they are now; null while one of them stands still, and before the first event. */
  snapshot(): ViewSnapshot | null {
    const status = this.status();
    if (this.#last === null || status.some(({ position }) => position !== this.#position)) return null;
    this.#eventsSinceSnapshot = 0;
    const { id, stream, revision, position } = this.#last;
    const skipped = status.flatMap(({ name, skippedEvents }) => skippedEvents.map((one) => [name, one] as const));
    const views = VIEW_NAMES.map((name) => [name, this.#views[name].save()] as const);
    return { last: { id, stream, revision, position }, skipped, views };
  }

  /** Called once, before anything else, with what `snapshot` of the same program has answered. */
  restore({ last, skipped, views }: ViewSnapshot): void {
    for (const [name, saved] of views) {
      if (!isViewName(name)) throw new Error(`Views: a snapshot holds a view ${name}`);
      const ofView = skipped.filter(([view]) => view === name).map(([, eventId]) => eventId);
      this.#views[name].restore(saved, last.position, ofView);
    }
    this.#position = last.position;
  }

  /** True once the views show `position`; false after CATCH_UP_TIMEOUT_MS. A caller thus reads its own writes. */
  reached(position: number): Promise<boolean> {
    return this.until(() => position <= this.#position, CATCH_UP_TIMEOUT_MS);
  }

  /** True once `isSo`, which is asked again after every event; false after `timeoutMs`. */
  async until(isSo: () => boolean, timeoutMs: number): Promise<boolean> {
    if (isSo()) return true;
    return new Promise((resolve) => {
      const waiter: Waiter = { isSo, resolve: () => settle(true) };
      const timer = setTimeout(() => settle(false), timeoutMs);
      const settle = (answer: boolean) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(answer);
      };
      this.#waiters.add(waiter);
    });
  }
}
