import type { DatabaseSync } from 'node:sqlite';
import { StoreUnavailable } from '../../application/ports/event-store.ts';

// Primary result codes of https://sqlite.org/rescode.html; the low byte of an extended code.
const PRIMARY_CODE_MASK = 0xff;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_IOERR = 10;

const ADVICE: Readonly<Record<number, string>> = {
  5: 'another process has kept the file locked: end it, or wait for it',
  6: 'another process has kept the file locked: end it, or wait for it',
  8: 'the file cannot be written: check its permissions and the mount',
  10: 'the disk failed: check it, then restart',
  11: 'the file is damaged: restore it from a backup',
  13: 'the disk is full: free space; nothing needs a restart',
  14: 'the file cannot be opened: check that its directory exists and may be written',
  26: 'the file is no SQLite database: name another file',
};

/** Someone else holds the lock that is needed; the same call may succeed later. */
export const isBusy = (error: unknown): boolean => [SQLITE_BUSY, SQLITE_LOCKED].includes(primaryCode(error));

/** The disk answered with an error, so what a commit left on it is not known. */
export const isDiskFailure = (error: unknown): boolean => primaryCode(error) === SQLITE_IOERR;

/** One sentence for the operator: what SQLite said, and what to do. */
export function explain(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const advice = ADVICE[primaryCode(error)];
  return advice === undefined ? `SQLite: ${said}` : `SQLite: ${said}; ${advice}`;
}

/** `file`: what was read or written. */
export const storeUnavailable = (error: unknown, file: string): StoreUnavailable =>
  error instanceof StoreUnavailable ? error : new StoreUnavailable(`${file}: ${explain(error)}`, { cause: error });

/** For `storeUnavailable`; a database that is closed has forgotten where it was. */
export const fileOf = (database: DatabaseSync): string =>
  (database.isOpen ? database.location() : null) ?? 'the event store';

function primaryCode(error: unknown): number {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : 0;
  return typeof code === 'number' ? code & PRIMARY_CODE_MASK : 0;
}
