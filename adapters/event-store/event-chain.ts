import { hash } from 'node:crypto';
import type { CheckedEvent } from './checked-append.ts';
import type { LogEntry } from './log-entry.ts';

/** What the first event of a chain follows. */
export const CHAIN_START = '0'.repeat(64);

/** Where an event stands in a chain. */
export type ChainLink = {
  /** Hash of the event before it, or `CHAIN_START`. */
  readonly previous: string;
  /** Which one it is: its position, its revision or its number, after what the chain goes through. */
  readonly place: number;
  readonly stream: string;
  readonly revision: number;
  readonly recordedAt: string;
};

/**
 * SHA-256, in hexadecimal digits, of all that is stored about an event and of the hash before it: the UTF-8 of these
 * texts with a NUL between each two. None of them has a NUL, so no two events make the same text.
 */
export function chainHash(link: ChainLink, event: CheckedEvent): string {
  const { previous, place, stream, revision, recordedAt } = link;
  const { id, type, schemaVersion, data, metadata } = event;
  const { correlationId, causationId, actor } = metadata;
  return hash(
    'sha256',
    `${previous}\0${place}\0${stream}\0${revision}\0${id}\0${type}\0${schemaVersion}\0${data}\0${correlationId}\0${causationId}\0${actor}\0${recordedAt}`,
  );
}

/** The hash of an entry of a log that goes through all of it: in SQLite the one that is stored, by position. */
export const logHash = (previous: string, place: number, entry: LogEntry): string =>
  chainHash({ previous, place, stream: entry.stream, revision: entry.revision, recordedAt: entry.recordedAt }, entry);

/** The hash of an entry that goes through its stream: the one that is stored in EventStoreDB. */
export const streamHash = (previous: string, entry: LogEntry): string => logHash(previous, entry.revision, entry);
