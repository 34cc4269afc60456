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

/**
 * Opens or creates the file; `progress` hears of a log that an older Lifeboat has written, whose events are chained now.
 * Throws StoreUnavailable, saying what is wrong with the path and what to do.
 */
export async function openSqliteDatabase(givenPath: string, progress: Progress = NO_PROGRESS): Promise<DatabaseSync> {
  // Absolute: SQLite gives `:memory:` and `file:…` a meaning of their own.
  const path = resolve(givenPath);
  checkPath(path);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return openPrepared(path, progress);
    } catch (error) {
      if (!isBusy(error) || attempt === BUSY_ATTEMPTS_MAX) throw withPath(error, path);
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

function openPrepared(path: string, progress: Progress): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    // Before anything is changed: switching a foreign database to WAL would already be damage.
    const found = inspectSchema(database, path);
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

function withPath(error: unknown, path: string): StoreUnavailable {
  return error instanceof StoreUnavailable
    ? error
    : new StoreUnavailable(`${path}: ${storeUnavailable(error).message}`, { cause: error });
}
