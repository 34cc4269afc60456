import type { RecordedEvent } from '../../application/ports/event-store.ts';
import type { CheckedAppend } from './checked-append.ts';
import { decodeEvent } from './event-codec.ts';

/** What one commit has added to the log: everything after one position. */
export type Written = {
  /** Position of the newest event before this commit. */
  readonly after: number;
  readonly recordedAt: string;
  /** In the order of their positions. */
  readonly appends: readonly CheckedAppend[];
};

/**
 * What those who follow the log ask for as soon as this process has written, and each of them: it is decoded once, and
 * nothing is read. Told of every commit of this process, and that others have written before anybody is woken for it.
 */
export class NewestEvents {
  #written: Written | null = null;
  /** Those of `#written`, once somebody has asked. */
  #events: readonly RecordedEvent[] | null = null;

  write(written: Written | null): void {
    this.#written = written;
    this.#events = null;
  }

  othersWrote(): void {
    this.#written = null;
  }

  /** Null: not known here, to be read from the file. Throws EventUnreadable. */
  after(position: number): readonly RecordedEvent[] | null {
    if (this.#written === null) return null;
    if (this.#written.after === position) return (this.#events ??= recordedBy(this.#written));
    return position === lastOf(this.#written) ? [] : null;
  }
}

const lastOf = ({ after, appends }: Written): number =>
  appends.reduce((position, { events }) => position + events.length, after);

/** From the stored text, so that nobody sees anything else than after a restart. */
function recordedBy({ after, recordedAt, appends }: Written): readonly RecordedEvent[] {
  let position = after;
  return appends.flatMap(({ stream, firstRevision, events }) =>
    events.map((event, index) => {
      position += 1;
      const { id, metadata } = event;
      const data = decodeEvent(event, position);
      return { id, data, metadata, stream, revision: firstRevision + index, position, recordedAt };
    }),
  );
}
