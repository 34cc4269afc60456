import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EventUnreadable, type RecordedEvent, type StreamName } from '../../application/ports/event-store.ts';
import { decodeEvent } from './event-codec.ts';

// Seven texts as one column, cut apart again here: each column that node:sqlite hands over costs several locks and a
// string of its own, which made a seventh of a replay. No text that an append takes has a NUL.
const COLUMNS = `position, revision, schema_version, data,
  concat_ws(char(0), stream, id, type, correlation_id, causation_id, actor, recorded_at)`;
const SEPARATOR = '\0';

/** The columns in this order. An array, since node:sqlite makes one in half the time of an object. */
type Row = readonly [position: number, revision: number, schemaVersion: number, data: string, joined: string];

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

// Not by `split`, which is slower than all that the joining gains.
function recorded([position, revision, schemaVersion, data, joined]: Row): RecordedEvent {
  const stream = joined.indexOf(SEPARATOR);
  const id = joined.indexOf(SEPARATOR, stream + 1);
  const type = joined.indexOf(SEPARATOR, id + 1);
  const correlationId = joined.indexOf(SEPARATOR, type + 1);
  const causationId = joined.indexOf(SEPARATOR, correlationId + 1);
  const actor = joined.indexOf(SEPARATOR, causationId + 1);
  if (joined.indexOf(SEPARATOR, actor + 1) !== -1) throw withNul(position);
  return {
    id: joined.slice(stream + 1, id),
    data: decodeEvent({ type: joined.slice(id + 1, type), schemaVersion, data }, position),
    metadata: {
      correlationId: joined.slice(type + 1, correlationId),
      causationId: joined.slice(correlationId + 1, causationId),
      actor: joined.slice(causationId + 1, actor),
    },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    stream: joined.slice(0, stream) as StreamName,
    revision,
    position,
    recordedAt: joined.slice(actor + 1),
  };
}

function withNul(position: number): EventUnreadable {
  const found = `the event at position ${position} has a NUL in its stream, id, type or metadata`;
  return new EventUnreadable(position, `${found}; restore the store from a backup`);
}
