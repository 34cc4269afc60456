import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RecordedEvent, StreamName } from '../../application/ports/event-store.ts';
import { decodeEvent } from './event-codec.ts';

const COLUMNS = `position, stream, revision, id, type, schema_version, data, correlation_id, causation_id, actor,
  recorded_at`;

/** The columns in this order. An array, since node:sqlite makes one in half the time of an object. */
type Row = readonly [
  position: number,
  stream: StreamName,
  revision: number,
  id: string,
  type: string,
  schemaVersion: number,
  data: string,
  correlationId: string,
  causationId: string,
  actor: string,
  recordedAt: string,
];

/** Every method throws EventUnreadable, or whatever node:sqlite throws. */
export class SqliteEventReader {
  readonly #after: StatementSync;
  readonly #ofStream: StatementSync;
  readonly #dataVersion: StatementSync;

  constructor(database: DatabaseSync) {
    this.#after = database.prepare(`SELECT ${COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?`);
    this.#ofStream = database.prepare(
      `SELECT ${COLUMNS} FROM events WHERE stream = ? AND revision >= ? ORDER BY revision`,
    );
    this.#dataVersion = database.prepare('PRAGMA data_version');
    this.#after.setReturnArrays(true);
    this.#ofStream.setReturnArrays(true);
  }

  after(position: number, limit: number): readonly RecordedEvent[] {
    return rowsOf(this.#after.all(position, limit)).map(recorded);
  }

  ofStream(stream: StreamName, from: number): readonly RecordedEvent[] {
    return rowsOf(this.#ofStream.all(stream, from)).map(recorded);
  }

  /** Another number than before when another connection has committed since. */
  dataVersion(): number {
    return Number(this.#dataVersion.get()?.['data_version']);
  }
}

// The table is STRICT, so its columns have these types; what the texts hold is the codec's matter.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const rowsOf = (rows: unknown): readonly Row[] => rows as readonly Row[];

function recorded(row: Row): RecordedEvent {
  return {
    id: row[3],
    data: decodeEvent({ type: row[4], schemaVersion: row[5], data: row[6] }, row[0]),
    metadata: { correlationId: row[7], causationId: row[8], actor: row[9] },
    stream: row[1],
    revision: row[2],
    position: row[0],
    recordedAt: row[10],
  };
}
