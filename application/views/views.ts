import type { EventStore, RecordedEvent } from '../ports/event-store.ts';
import { ComputeServicesView } from './compute-services-view.ts';
import { FlavorsView } from './flavors-view.ts';
import { InstanceActionsView } from './instance-actions-view.ts';
import { KeyPairsView } from './key-pairs-view.ts';
import { MigrationsView } from './migrations-view.ts';
import { ServerGroupsView } from './server-groups-view.ts';
import { ServersView } from './servers-view.ts';

/** How long a request waits for its own write to be visible before it gives up with StoreUnavailable's 503. */
export const CATCH_UP_TIMEOUT_MS = 5000;

/** Pages of this size are garbage before the collector moves them: measured 1.4 times as fast as the largest. */
const REBUILD_PAGE_EVENTS = 1000;

type Waiter = { readonly isSo: () => boolean; readonly resolve: () => void };

/**
 * The read side: every view of this process, kept in memory and built from the log alone. A view never refuses a
 * recorded fact; an event it cannot digest is a bug, stops the views and is told to every reader.
 */
export class Views {
  readonly servers = new ServersView();
  readonly instanceActions = new InstanceActionsView();
  readonly migrations = new MigrationsView();
  readonly computeServices = new ComputeServicesView();
  readonly keyPairs = new KeyPairsView();
  readonly serverGroups = new ServerGroupsView();
  readonly flavors = new FlavorsView();
  #position = 0;
  #failure: Error | null = null;
  readonly #waiters = new Set<Waiter>();

  /** Position of the newest event that the views show. */
  get position(): number {
    return this.#position;
  }

  /** Redelivered events are skipped: a view never goes back in time. */
  project(event: RecordedEvent): void {
    if (event.position <= this.#position) return;
    this.servers.project(event);
    this.migrations.project(event, this.servers);
    this.instanceActions.project(event, this.migrations);
    this.computeServices.project(event);
    this.keyPairs.project(event);
    this.serverGroups.project(event);
    this.flavors.project(event);
    this.#position = event.position;
    for (const waiter of this.#waiters) if (waiter.isSo()) waiter.resolve();
  }

  /** Reads the log to its present end; called once, before the first request is served. */
  async rebuild(eventStore: Pick<EventStore, 'readAll'>): Promise<void> {
    for (;;) {
      const page = await eventStore.readAll(this.#position, REBUILD_PAGE_EVENTS);
      for (const event of page) this.project(event);
      if (page.length < REBUILD_PAGE_EVENTS) return;
    }
  }

  /** Follows the log until `signal` aborts; rejects, after telling every reader, when an event cannot be digested. */
  async follow(eventStore: Pick<EventStore, 'subscribe'>, signal: AbortSignal): Promise<void> {
    try {
      for await (const event of eventStore.subscribe(this.#position, signal)) this.project(event);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw this.#failure;
    }
  }

  /** Why the views stand still, or null. A reader must not be shown yesterday's state as today's. */
  get failure(): Error | null {
    return this.#failure;
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
