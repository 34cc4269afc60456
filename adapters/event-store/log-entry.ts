import type { RecordedEvent } from '../../application/ports/event-store.ts';
import type { CheckedEvent } from './checked-append.ts';

/** One event exactly as a store keeps it: neither decoded nor lifted to a newer version. */
export type LogEntry = CheckedEvent &
  Pick<RecordedEvent, 'position' | 'revision' | 'recordedAt'> & {
    readonly stream: string;
    /** The store's own chain; null for what was written before there was one. */
    readonly hash: string | null;
  };
