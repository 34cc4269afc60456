import type { LogEntry } from './log-entry.ts';

/** Entries in one page of a `StoredLog`. */
export const LOG_PAGE_ENTRIES = 1000;

/** A log as it is kept, for whoever examines or copies it. Throws StoreUnavailable, and EventUnreadable as told. */
export interface StoredLog {
  /** What a stored hash follows from: the event before it in the whole log, or in its stream. */
  readonly chain: 'log' | 'stream';
  /** For a progress bar; null where counting means reading everything. */
  count(): Promise<number | null>;
  /** Every entry in the order of the log, in pages, up to its present end. EventStoreDB throws EventUnreadable for what no Lifeboat wrote. */
  pages(): AsyncIterable<readonly LogEntry[]>;
  close(): Promise<void>;
}

/** A log that entries can be copied to, with their ids and times. */
export interface LogTarget extends StoredLog {
  /** What becomes of a copy that stops halfway: nothing of it stays, or it can go on. */
  readonly halfway: 'nothing stays' | 'goes on';
  /** Writes entries of the next places in their streams; their own positions and hashes mean nothing here. */
  write(entries: readonly LogEntry[]): Promise<void>;
  /** Everything that was written stays. Without it, and where `halfway` says so, closing forgets all. */
  commit(): Promise<void>;
}

/** The pages of a log, one by one. */
export async function* entriesIn(log: StoredLog): AsyncGenerator<LogEntry, void, void> {
  for await (const page of log.pages()) yield* page;
}
