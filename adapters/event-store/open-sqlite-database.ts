import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import { NO_PROGRESS, type Progress } from './progress.ts';
import { isBusy, storeUnavailable } from './sqlite-failure.ts';
import { bringUpToDate, inspectSchema } from './sqlite-schema.ts';

/** How long SQLite itself waits for another process's lock. It blocks the event loop meanwhile, so it is short. */
export const BUSY_TIMEOUT_MS = 50;
/** Times a busy call is repeated, with the event loop running in between: 5 seconds in all. */
export const BUSY_ATTEMPTS_MAX = 50;
export const BUSY_PAUSE_MS = 50;
const EMPTY = 'is empty, so it holds no log: check the path, or move the file away and restore a backup';

/** `existing`: who only asks what a log holds must not be answered by one that was made for the answer. */
export type WantedStore = 'existing' | 'target';

/**
 * Opens the file, and creates it where it is a `target`; `progress` hears of a log that an older Lifeboat has written,
 * whose events are chained now. Throws StoreUnavailable, saying what is wrong with the path and what to do.
 */
export async function openSqliteDatabase(
  givenPath: string,
  progress: Progress = NO_PROGRESS,
  wanted: WantedStore = 'target',
): Promise<DatabaseSync> {
  // Absolute: SQLite gives `:memory:` and `file:…` a meaning of their own.
  const path = resolve(givenPath);
  checkPath(path);
  if (wanted === 'existing' && !existsSync(path)) throw new StoreUnavailable(`there is no store ${path}`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return openPrepared(path, progress, wanted);
    } catch (error) {
      if (!isBusy(error) || attempt === BUSY_ATTEMPTS_MAX) throw storeUnavailable(error, path);
    }
    await wait(BUSY_PAUSE_MS);
  }
}

function checkPath(path: string): void {
  const directory = dirname(path);
  if (!existsSync(directory)) throw new StoreUnavailable(`${path}: directory ${directory} does not exist; create it`);
  if (!statSync(directory).isDirectory()) throw new StoreUnavailable(`${path}: ${directory} is no directory`);
  if (existsSync(path) && !statSync(path).isFile()) {
    throw new StoreUnavailable(`${path} is not a regular file; name a file for the event store`);
  }
  for (const needed of existsSync(path) ? [directory, path] : [directory]) {
    if (!mayReadAndWrite(needed)) {
      throw new StoreUnavailable(`${path}: no permission to read and write ${needed}; grant it to this user`);
    }
  }
}

function mayReadAndWrite(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function openPrepared(path: string, progress: Progress, wanted: WantedStore): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    // Before anything is changed: switching a foreign database to WAL would already be damage.
    const found = inspectSchema(database, path);
    if (found === 'empty' && wanted === 'existing') throw new StoreUnavailable(`${path} ${EMPTY}`);
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (mode !== 'wal')
      throw new StoreUnavailable(`${path}: write-ahead logging is impossible there; use a local disk`);
    // FULL: an appended event survives a power cut, not only a crash of this process.
    database.exec('PRAGMA synchronous = FULL');
    if (found !== 'current') bringUpToDate(database, path, progress);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
