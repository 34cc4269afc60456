import type { LogEntry } from '../log-entry.ts';

/** The first event that is not what was recorded. */
export type Finding = {
  readonly kind: 'changed' | 'missing' | 'inserted' | 'reordered' | 'truncated' | 'rewritten' | 'unreadable';
  /** In this log: of the bad event, or of the place where the missing one was. */
  readonly position: number;
  /** Null where no event stands there, or where it cannot be told which of several it is. */
  readonly event: Pick<LogEntry, 'stream' | 'revision' | 'id' | 'type' | 'recordedAt'> | null;
  /** One sentence for the operator. */
  readonly message: string;
};

/** A finding about an event that stands in the log. */
export function findingAt(kind: Finding['kind'], entry: LogEntry, message: string): Finding {
  const { position, stream, revision, id, type, recordedAt } = entry;
  return { kind, position, event: { stream, revision, id, type, recordedAt }, message };
}
