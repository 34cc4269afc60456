import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { BUSY_ATTEMPTS_MAX, BUSY_PAUSE_MS } from './open-sqlite-database.ts';
import { fileOf, isBusy, storeUnavailable } from './sqlite-failure.ts';

/** Repeats a call while another process holds the file, with the event loop running in between. Throws StoreUnavailable. */
export async function patiently<Result>(database: DatabaseSync, call: () => Result): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return call();
    } catch (error) {
      if (!isBusy(error) || attempt === BUSY_ATTEMPTS_MAX) throw storeUnavailable(error, fileOf(database));
    }
    await wait(BUSY_PAUSE_MS);
  }
}
