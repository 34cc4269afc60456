import type { RecordedEvent } from './event-store.ts';

/** All views as they were after one event. */
export type ViewSnapshot = {
  readonly last: Pick<RecordedEvent, 'id' | 'stream' | 'revision' | 'position'>;
  /** Which views leave out which events, because an operator has said so. */
  readonly skipped: readonly (readonly [view: string, eventId: string])[];
  /** Each row is a text without a newline; what stands in it, only the view knows. To be read once. */
  readonly views: readonly (readonly [view: string, rows: Iterable<string>])[];
};

/** What spares a start the replay. Worth nothing beside the log: whatever is in doubt is thrown away. */
export interface ViewSnapshots {
  /** Null when there is none, or none that this very program wrote and nobody changed since. Never rejects. */
  load(): Promise<ViewSnapshot | null>;
  /** Instead of the one before. False when it could not be written; the log has everything anyway. */
  save(snapshot: ViewSnapshot): Promise<boolean>;
}
