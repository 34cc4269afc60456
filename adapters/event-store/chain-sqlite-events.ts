import type { DatabaseSync } from 'node:sqlite';
import { CHAIN_START, logHash } from './event-chain.ts';
import type { Progress } from './progress.ts';
import { entriesOf, LOG_ENTRY_COLUMNS } from './sqlite-log-entry.ts';

const PAGE_EVENTS = 1000;
/** For the two indexes, which are filled in no order: with SQLite's own 2 MB a large log takes ten times as long. */
const CACHE_KIB = 262_144;

/** Copies the table `unchained` to `events` with a hash for each, positions and times as they were. */
export function chainEvents(database: DatabaseSync, progress: Progress): void {
  database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  const total = Number(database.prepare('SELECT count(*) AS events FROM unchained').get()?.['events']);
  const page = database.prepare(
    `SELECT ${LOG_ENTRY_COLUMNS}, NULL FROM unchained WHERE position > ? ORDER BY position LIMIT ${PAGE_EVENTS}`,
  );
  page.setReturnArrays(true);
  const copy = database.prepare(`INSERT INTO events SELECT *, ?2 FROM unchained WHERE position = ?1`);
  let previous = CHAIN_START;
  for (let after = 0, done = 0; done < total; progress(done, total)) {
    for (const entry of entriesOf(page.all(after))) {
      previous = logHash(previous, entry.position, entry);
      copy.run(entry.position, previous);
      after = entry.position;
      done += 1;
    }
  }
  database.exec('PRAGMA cache_size = -2000');
}
