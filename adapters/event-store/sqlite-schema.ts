import type { DatabaseSync } from 'node:sqlite';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import { chainEvents } from './chain-sqlite-events.ts';
import type { Progress } from './progress.ts';

/** `PRAGMA user_version`: the form of the tables, not of the events in them. Version 1 had no hashes. */
export const SQLITE_SCHEMA_VERSION = 2;
const UNCHAINED_VERSION = 1;
/** `PRAGMA application_id`: 'LIFE' in ASCII. Tells our file from any other SQLite database. */
export const SQLITE_APPLICATION_ID = 0x4c494645;

// Positions are given by the writer, which needs them for the hash. Not AUTOINCREMENT: its counter is a page more to
// write in each commit.
// STRICT: a column holds its type even after a change by hand.
const EVENTS = `
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 0),
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    data TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    causation_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (stream, revision)
  ) STRICT;
`;
const EVENTS_STAY = `
  CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'recorded events are never changed'); END;
  CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'recorded events are never deleted'); END;
`;
const CHECKPOINTS = `
  CREATE TABLE checkpoints (
    subscription TEXT PRIMARY KEY,
    position INTEGER NOT NULL CHECK (position >= 0)
  ) STRICT, WITHOUT ROWID;
`;
const MARKS = `
  PRAGMA application_id = ${SQLITE_APPLICATION_ID};
  PRAGMA user_version = ${SQLITE_SCHEMA_VERSION};
`;

/** Changes nothing. Throws StoreUnavailable for a database that is not ours or from a newer Lifeboat. */
export function inspectSchema(database: DatabaseSync, path: string): 'empty' | 'unchained' | 'current' {
  const applicationId = readNumber(database, 'PRAGMA application_id');
  const version = readNumber(database, 'PRAGMA user_version');
  const objects = readNumber(database, 'SELECT count(*) FROM sqlite_schema');
  if (applicationId === 0 && version === 0 && objects === 0) return 'empty';
  if (applicationId !== SQLITE_APPLICATION_ID) {
    throw new StoreUnavailable(`${path} is an SQLite database but no Lifeboat event store: name another file`);
  }
  if (version === SQLITE_SCHEMA_VERSION) return 'current';
  if (version === UNCHAINED_VERSION) return 'unchained';
  throw new StoreUnavailable(
    `${path} has the tables of version ${version}, this Lifeboat knows ${SQLITE_SCHEMA_VERSION}: upgrade Lifeboat`,
  );
}

/** Creates the tables, or chains the events of version 1, unless another process has meanwhile. All or nothing. */
export function bringUpToDate(database: DatabaseSync, path: string, progress: Progress): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    const found = inspectSchema(database, path);
    if (found === 'empty') database.exec(EVENTS + EVENTS_STAY + CHECKPOINTS + MARKS);
    if (found === 'unchained') {
      // A new table and not a new column: only so its positions are given by the writer, and every hash is there.
      database.exec(`ALTER TABLE events RENAME TO unchained; ${EVENTS}`);
      chainEvents(database, progress);
      database.exec(`DROP TABLE unchained; ${EVENTS_STAY} ${MARKS}`);
    }
    database.exec('COMMIT');
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}

function readNumber(database: DatabaseSync, query: string): number {
  return Number(Object.values(database.prepare(query).get() ?? {})[0]);
}
