import type { EventStore, RecordedEvent } from '../ports/event-store.ts';
import type { View } from './view.ts';
import { ViewStopped, type ViewStop } from './view-stopped.ts';

/** Pages of this size are garbage before the collector moves them: measured 1.4 times as fast as the largest. */
export const REPLAY_PAGE_EVENTS = 1000;

export type ViewStatus = {
  readonly name: string;
  /** Of the last event it has taken in. */
  readonly position: number;
  readonly state: 'following' | 'catchingUp' | 'stopped';
  readonly stop: ViewStop | null;
  /** A second one is being made beside it. */
  readonly rebuilding: boolean;
  /** Why the last rebuild was given up; null when none was. */
  readonly rebuildStop: ViewStop | null;
  readonly skippedEvents: readonly string[];
};

/** One view and how far it has come. What befalls it is no other view's business. */
export class FollowedView<Made extends View> {
  readonly name: string;
  readonly #make: () => Made;
  readonly #onStop: (name: string, stop: ViewStop) => void;
  readonly #skipped = new Set<string>();
  #view: Made;
  #position = 0;
  #stop: ViewStop | null = null;
  #catchingUp = false;
  #rebuilding = false;
  #rebuildStop: ViewStop | null = null;

  constructor(name: string, make: () => Made, onStop: (name: string, stop: ViewStop) => void) {
    this.name = name;
    this.#make = make;
    this.#onStop = onStop;
    this.#view = make();
  }

  /** Throws ViewStopped rather than show yesterday's state as today's. */
  get view(): Made {
    if (this.#stop !== null || this.#catchingUp) throw new ViewStopped(this.name, this.#stop);
    return this.#view;
  }

  /** `reached`: how far the events have come that it was shown, or that say nothing to it. */
  status(reached: number): ViewStatus {
    const stopped = this.#stop === null ? 'following' : 'stopped';
    const isBehind = this.#stop !== null || this.#catchingUp;
    return {
      name: this.name,
      position: isBehind ? this.#position : Math.max(this.#position, reached),
      state: this.#catchingUp ? 'catchingUp' : stopped,
      stop: this.#stop,
      rebuilding: this.#rebuilding,
      rebuildStop: this.#rebuildStop,
      skippedEvents: [...this.#skipped],
    };
  }

  /**
   * Takes in the next event that says something to it; all up to `reached` it has been shown, or did not need. Never
   * throws: what it cannot digest, it stops at.
   */
  project(event: RecordedEvent, reached: number): void {
    if (this.#stop !== null || this.#catchingUp) return;
    this.#take(event);
    if (this.#stop !== null) this.#position = Math.max(this.#position, reached);
  }

  #take(event: RecordedEvent): void {
    if (event.position <= this.#position) return;
    if (this.#skipped.size === 0 || !this.#skipped.has(event.id)) {
      try {
        this.#view.project(event);
      } catch (error) {
        this.#stopAt(event, error instanceof Error ? error.message : String(error));
        return;
      }
    }
    this.#position = event.position;
  }

  #stopAt({ id, data, stream, position }: RecordedEvent, reason: string): void {
    this.#stop = { eventId: id, eventType: data.type, stream, position, reason };
    this.#onStop(this.name, this.#stop);
  }

  /** From now on, and in whatever is rebuilt, this event says nothing to this view. */
  skip(eventId: string): void {
    this.#skipped.add(eventId);
  }

  /** Goes on behind the last event it has taken in, until it is where the others are. Rejects as the log's reads do. */
  async catchUp(log: Pick<EventStore, 'readAll'>, others: () => number): Promise<void> {
    const stop = this.#stop;
    if (stop === null) return;
    this.#catchingUp = true;
    this.#stop = null;
    try {
      await this.#readTo(log, others, () => (this.#catchingUp = false));
    } catch (error) {
      this.#stop = stop;
      throw error;
    } finally {
      this.#catchingUp = false;
    }
  }

  /** Makes another one from the beginning of the log, and puts it in the place of this one once it has come as far. */
  async rebuild(log: Pick<EventStore, 'readAll'>, others: () => number): Promise<void> {
    const other = new FollowedView(this.name, this.#make, this.#onStop);
    for (const eventId of this.#skipped) other.skip(eventId);
    this.#rebuilding = true;
    try {
      await other.#readTo(log, others, () => this.#replaceBy(other));
      this.#rebuildStop = other.#stop;
    } finally {
      this.#rebuilding = false;
    }
  }

  #replaceBy(other: FollowedView<Made>): void {
    this.#view = other.#view;
    this.#position = other.#position;
    this.#stop = null;
  }

  /** `arrive` is called where it is as far as the others, and not when it has stopped: at once, so that no event is missed. */
  async #readTo(log: Pick<EventStore, 'readAll'>, others: () => number, arrive: () => void): Promise<void> {
    for (;;) {
      const page = await log.readAll(this.#position, REPLAY_PAGE_EVENTS);
      for (const event of page) {
        this.#take(event);
        if (this.#stop !== null) return;
      }
      if (this.#position >= others() && page.length < REPLAY_PAGE_EVENTS) return arrive();
      // Requests are answered between two pages.
      await new Promise((resolve) => void setImmediate(resolve));
    }
  }

  save(): Iterable<string> {
    return this.view.save();
  }

  /** Stands then where the view stood that was saved. */
  restore(saved: Iterable<string>, position: number, skipped: readonly string[]): void {
    this.#view = this.#make();
    this.#view.restore(saved);
    this.#position = position;
    for (const eventId of skipped) this.skip(eventId);
  }
}
