import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { ViewSnapshot } from '../../application/ports/view-snapshots.ts';
import { END_BYTES, endLine, snapshotHeader, snapshotView } from './snapshot-file-format.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Of one line: a row holds the actions of a server at most. */
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
  const size = (await file.stat()).size - END_BYTES;
  const digest = createHash('sha256');
  const views: [view: string, rows: string[]][] = [];
  let rows: string[] | null = null;
  let header: Pick<ViewSnapshot, 'last' | 'skipped'> | null = null;
  for await (const lines of linesIn(file, size, digest)) {
    for (const line of lines) {
      if (header === null) {
        const parsed = snapshotHeader.safeParse(JSON.parse(line));
        if (!parsed.success) return unusable('it has another form');
        if (parsed.data.program !== program) return unusable('another version of the program wrote it');
        header = parsed.data;
      } else if (rows === null) {
        rows = [];
        views.push([snapshotView.parse(JSON.parse(line)).view, rows]);
      } else if (line === '') rows = null;
      else rows.push(line);
    }
  }
  if (header === null || rows !== null) return unusable('it ends too early');
  const end = (await file.read(Buffer.alloc(END_BYTES), 0, END_BYTES, size)).buffer.toString('utf8');
  if (end !== endLine(digest.digest('hex'))) return unusable('its checksum is wrong');
  const { last, skipped } = header;
  return { answer: 'read', snapshot: { last, skipped, views } };
}

/** The lines of the first `size` bytes, which `digest` is told of; without their newlines. Throws when the last has none. */
async function* linesIn(file: FileHandle, size: number, digest: Hash): AsyncGenerator<readonly string[]> {
  let rest = Buffer.alloc(0);
  for (let place = 0; place < size;) {
    const buffer = Buffer.allocUnsafe(rest.length + Math.min(CHUNK_BYTES, size - place));
    rest.copy(buffer);
    const { bytesRead } = await file.read(buffer, rest.length, buffer.length - rest.length, place);
    if (bytesRead === 0) throw new Error('it ends too early');
    place += bytesRead;
    const bytes = buffer.subarray(0, rest.length + bytesRead);
    digest.update(bytes.subarray(rest.length));
    const end = bytes.lastIndexOf(NEWLINE);
    // One text for all of them: whoever keeps a line keeps a part of this text and no copy.
    if (end !== -1) yield bytes.toString('utf8', 0, end).split('\n');
    rest = bytes.subarray(end + 1);
    if (rest.length > LINE_BYTES_MAX) break;
  }
  if (rest.length > 0) throw new Error('it has a line without an end');
}
