import type { LogEntry } from './log-entry.ts';

/** What `entriesOf` reads, without the hash, which comes last. */
export const LOG_ENTRY_COLUMNS = `position, stream, revision, id, type, schema_version, data,
  correlation_id, causation_id, actor, recorded_at`;

type Row = readonly [
  position: number,
  stream: string,
  revision: number,
  id: string,
  type: string,
  schemaVersion: number,
  data: string,
  correlationId: string,
  causationId: string,
  actor: string,
  recordedAt: string,
  hash: string | null,
];

/** Of a statement that returns `LOG_ENTRY_COLUMNS` and the hash as arrays. */
export function entriesOf(rows: unknown): readonly LogEntry[] {
  // The table is STRICT, so its columns have these types.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (rows as readonly Row[]).map(
    ([
      position,
      stream,
      revision,
      id,
      type,
      schemaVersion,
      data,
      correlationId,
      causationId,
      actor,
      recordedAt,
      hash,
    ]) => ({
      position,
      stream,
      revision,
      id,
      type,
      schemaVersion,
      data,
      metadata: { correlationId, causationId, actor },
      recordedAt,
      hash,
    }),
  );
}
