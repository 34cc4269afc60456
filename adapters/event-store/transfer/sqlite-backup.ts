import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { StoreUnavailable } from '../../../application/ports/event-store.ts';
import type { Progress } from '../progress.ts';
import { storeUnavailable } from '../sqlite-failure.ts';
import { inspectSchema } from '../sqlite-schema.ts';

/** Pages of 4 KiB between two calls of `progress`. */
const STEP_PAGES = 5000;
const BUSY_TIMEOUT_MS = 5000;

/**
 * Writes everything that the database at `from` holds now, checkpoints included, to a new file, on disk when this
 * resolves. Whoever writes to the database goes on meanwhile. Throws StoreUnavailable; then there is no new file.
 */
export async function copySqliteFile(from: string, to: string, progress: Progress): Promise<void> {
  const target = resolve(to);
  // What another database has left there would be taken for this one's.
  for (const file of [target, `${target}-wal`, `${target}-shm`, `${target}-journal`]) {
    if (existsSync(file)) throw new StoreUnavailable(`${file} exists: name another file, or move it away`);
  }
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { force: true });
  try {
    await copyPages(from, unfinished, progress);
    flushToDisk(unfinished);
    // Not renamed: that would replace a file which somebody else has made there meanwhile.
    linkSync(unfinished, target);
    flushToDisk(dirname(target));
  } catch (error) {
    throw storeUnavailable(error, `${from} to ${to}`);
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${unfinished}${end}`, { force: true });
  }
}

async function copyPages(from: string, to: string, progress: Progress): Promise<void> {
  const database = new DatabaseSync(resolve(from), { timeout: BUSY_TIMEOUT_MS });
  try {
    if (inspectSchema(database, from) === 'empty') throw new StoreUnavailable(`${from} is empty: nothing was copied`);
    // One snapshot for all steps: else each commit of another process would have the copy begin anew.
    database.exec('BEGIN');
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    await backup(database, to, {
      rate: STEP_PAGES,
      progress: ({ totalPages, remainingPages }) => progress(totalPages - remainingPages, totalPages),
    });
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

function flushToDisk(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
