import { StoreUnavailable, type StreamName } from '../ports/event-store.ts';

/** Why a view stands still. */
export type ViewStop = {
  readonly eventId: string;
  readonly eventType: string;
  readonly stream: StreamName;
  readonly position: number;
  readonly reason: string;
};

/**
 * Somebody wanted to read a view that cannot tell the present state. Whoever catches it tries again later, as when the
 * log itself is away.
 */
export class ViewStopped extends StoreUnavailable {
  readonly view: string;
  constructor(view: string, stop: ViewStop | null) {
    super(
      stop === null
        ? `The view ${view} is catching up.`
        : `The view ${view} stands still at position ${stop.position} (${stop.eventType}): ${stop.reason}`,
    );
    this.view = view;
  }
}
