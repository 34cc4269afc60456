import type { RecordedEvent } from '../ports/event-store.ts';

/** What every view can do, whatever it shows. Its rows are plain JSON values that never change once they are there. */
export interface View {
  /** Throws for an event that it cannot digest, and has then changed nothing. Events of others are nobody's business. */
  project(event: RecordedEvent): void;
  /** All it knows, as it is now, whenever it is read: texts without newlines. To be read once. */
  save(): Iterable<string>;
  /** Takes over what `save` of the same program has answered, in the same order. Called once, on a new view. */
  restore(saved: Iterable<string>): void;
}
