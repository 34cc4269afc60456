import type { DatabaseSync } from 'node:sqlite';
import { StoreUnavailable } from '../../application/ports/event-store.ts';

/** `PRAGMA user_version`: the form of the tables, not of the events in them. */
export const SQLITE_SCHEMA_VERSION = 1;
/** `PRAGMA application_id`: 'LIFE' in ASCII. Tells our file from any other SQLite database. */
export const SQLITE_APPLICATION_ID = 0x4c494645;

// AUTOINCREMENT: without it SQLite may give a position a second time after the last row is gone.
// STRICT: a column holds its type even after a change by hand.
const TABLES = `
  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
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
    UNIQUE (stream, revision)
  ) STRICT;
  CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'recorded events are never changed'); END;
  CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'recorded events are never deleted'); END;
  CREATE TABLE checkpoints (
    subscription TEXT PRIMARY KEY,
    position INTEGER NOT NULL CHECK (position >= 0)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${SQLITE_APPLICATION_ID};
  PRAGMA user_version = ${SQLITE_SCHEMA_VERSION};
`;

/** Changes nothing. Throws StoreUnavailable for a database that is not ours or from a newer Lifeboat. */
export function inspectSchema(database: DatabaseSync, path: string): 'empty' | 'current' {
  const applicationId = readNumber(database, 'PRAGMA application_id');
  const version = readNumber(database, 'PRAGMA user_version');
  const objects = readNumber(database, 'SELECT count(*) FROM sqlite_schema');
  if (applicationId === 0 && version === 0 && objects === 0) return 'empty';
  if (applicationId !== SQLITE_APPLICATION_ID) {
    throw new StoreUnavailable(`${path} is an SQLite database but no Lifeboat event store: name another file`);
  }
  if (version === SQLITE_SCHEMA_VERSION) return 'current';
  throw new StoreUnavailable(
    `${path} has the tables of version ${version}, this Lifeboat knows ${SQLITE_SCHEMA_VERSION}: upgrade Lifeboat`,
  );
}

/** Creates the tables unless another process has meanwhile. */
export function createSchema(database: DatabaseSync, path: string): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    if (inspectSchema(database, path) === 'empty') database.exec(TABLES);
    database.exec('COMMIT');
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}

function readNumber(database: DatabaseSync, query: string): number {
  return Number(Object.values(database.prepare(query).get() ?? {})[0]);
}
