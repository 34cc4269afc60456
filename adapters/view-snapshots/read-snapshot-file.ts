import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { ViewSnapshot } from '../../application/ports/view-snapshots.ts';
import { snapshotEnd, snapshotHeader, snapshotRows } from './snapshot-file-format.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Of one line; a row holds a definition of a domain at most, and a line 25 rows. */
const LINE_BYTES_MAX = 256 * CHUNK_BYTES;
const NEWLINE = 0x0a;

export type SnapshotFileAnswer =
  | { readonly answer: 'read'; readonly snapshot: ViewSnapshot }
  | { readonly answer: 'none' }
  /** It is there and cannot be relied on. */
  | { readonly answer: 'unusable'; readonly why: string };

/** Reads, and believes nothing that does not agree: the form, the program that wrote it, the checksum. Never rejects. */
export async function readSnapshotFile(path: string, program: string): Promise<SnapshotFileAnswer> {
  try {
    const file = await open(path, 'r');
    try {
      return await readWhole(file, program);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { answer: 'none' };
    return unusable(error instanceof Error ? error.message : String(error));
  }
}

const unusable = (why: string): SnapshotFileAnswer => ({ answer: 'unusable', why });

async function readWhole(file: FileHandle, program: string): Promise<SnapshotFileAnswer> {
  const digest = createHash('sha256');
  const views = new Map<string, unknown[]>();
  let header: Pick<ViewSnapshot, 'last' | 'skipped'> | null = null;
  let end: string | null = null;
  for await (const line of linesIn(file)) {
    if (end !== null) return unusable('something stands behind its end');
    const value: unknown = JSON.parse(line.toString('utf8'));
    if (header === null) {
      const parsed = snapshotHeader.safeParse(value);
      if (!parsed.success) return unusable('it has another form');
      if (parsed.data.program !== program) return unusable('another version of the program wrote it');
      header = parsed.data;
    } else if (isEnd(value)) {
      end = snapshotEnd.parse(value).sha256;
      continue;
    } else {
      const { view, rows } = snapshotRows.parse(value);
      const known = views.get(view) ?? [];
      for (const row of rows) known.push(row);
      views.set(view, known);
    }
    updateWith(digest, line);
  }
  if (header === null || end === null) return unusable('it ends too early');
  if (end !== digest.digest('hex')) return unusable('its checksum is wrong');
  const { last, skipped } = header;
  return { answer: 'read', snapshot: { last, skipped, views: [...views] } };
}

const isEnd = (value: unknown): boolean => typeof value === 'object' && value !== null && 'sha256' in value;

function updateWith(digest: Hash, line: Buffer): void {
  digest.update(line).update('\n');
}

/** Without their newlines; a last line without one is no line. */
async function* linesIn(file: FileHandle): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return;
    const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let from = 0;
    for (let newline = bytes.indexOf(NEWLINE); newline !== -1; newline = bytes.indexOf(NEWLINE, from)) {
      yield bytes.subarray(from, newline);
      from = newline + 1;
    }
    rest = bytes.subarray(from);
    if (rest.length > LINE_BYTES_MAX) throw new Error('it has a line without an end');
  }
}
