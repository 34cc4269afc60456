import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import type { Log } from '../../application/ports/log.ts';
import type { ViewSnapshot, ViewSnapshots } from '../../application/ports/view-snapshots.ts';
import { endLine, SNAPSHOT_FORMAT } from './snapshot-file-format.ts';
import { readSnapshotFile } from './read-snapshot-file.ts';

/** Events hold what only the owner may read, so the views do. */
const FILE_MODE = 0o600;
const PIECE_LENGTH_MIN = 65_536;

/** One file, replaced as a whole, so that a crash leaves the old one. Several processes may write it: each writes the truth. */
export class FileViewSnapshots implements ViewSnapshots {
  readonly #path: string;
  readonly #program: string;
  readonly #log: Log;

  /** `program`: see programDigest. */
  constructor(path: string, program: string, log: Log) {
    this.#path = path;
    this.#program = program;
    this.#log = log;
  }

  async load(): Promise<ViewSnapshot | null> {
    const answer = await readSnapshotFile(this.#path, this.#program);
    if (answer.answer === 'read') return answer.snapshot;
    if (answer.answer === 'unusable') {
      this.#log.info(
        { file: this.#path, why: answer.why },
        'The snapshot of the views is not used; the log is replayed.',
      );
    }
    return null;
  }

  async save(snapshot: ViewSnapshot): Promise<boolean> {
    const unfinished = `${this.#path}.${process.pid}`;
    try {
      const file = await open(unfinished, 'w', FILE_MODE);
      try {
        await this.#write(file, snapshot);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(unfinished, this.#path);
      return true;
    } catch (error) {
      this.#log.warn({ file: this.#path, error }, 'The snapshot of the views could not be written.');
      await rm(unfinished, { force: true }).catch(() => undefined);
      return false;
    }
  }

  async #write(file: FileHandle, snapshot: ViewSnapshot): Promise<void> {
    const digest = createHash('sha256');
    for (const text of inPieces(linesOf(snapshot, this.#program))) {
      const bytes = Buffer.from(text);
      digest.update(bytes);
      await file.write(bytes);
    }
    await file.write(endLine(digest.digest('hex')));
  }
}

function* linesOf({ last, skipped, views }: ViewSnapshot, program: string): Generator<string> {
  yield JSON.stringify({ format: SNAPSHOT_FORMAT, program, last, skipped });
  for (const [view, rows] of views) {
    yield JSON.stringify({ view });
    yield* rows;
    yield '';
  }
}

/** Lines, several at a time: so many that writing is quick, and so few that requests are answered between two of them. */
function* inPieces(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < PIECE_LENGTH_MIN) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
