import type { RecordedEvent } from '../ports/event-store.ts';

/** A place in the log. The last event recorded at or before it counts. */
export type Moment =
  | { readonly kind: 'now' }
  | { readonly kind: 'position'; readonly position: number }
  /** As the store writes times: ISO 8601 in UTC with milliseconds, so that their order is that of their text. */
  | { readonly kind: 'time'; readonly time: string };

export const NOW: Moment = { kind: 'now' };
export const BEGINNING: Moment = { kind: 'position', position: 0 };

type Place = Pick<RecordedEvent, 'position' | 'recordedAt'>;

/** True for what had been recorded at that moment. */
export function isUpTo({ position, recordedAt }: Place, moment: Moment): boolean {
  switch (moment.kind) {
    case 'now':
      return true;
    case 'position':
      return position <= moment.position;
    case 'time':
      return recordedAt <= moment.time;
  }
}

/** What came after `from`, up to `to`. */
export type Period = { readonly from: Moment; readonly to: Moment };

export const isWithin = (place: Place, { from, to }: Period): boolean => !isUpTo(place, from) && isUpTo(place, to);
