import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, statfsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGone } from '../../lab/host-processes.ts';
import { waitUntil } from '../../lab/wait-until.ts';

const END_DEADLINE_MS = 10_000;
const FILLER = 'filler';
const BLOCK_BYTES = 1024 * 1024;

// Its standard input is a pipe: it closes when this process ends in any way, and the mount goes.
const HOLDER =
  'mount -t tmpfs -o size="$2" lifeboat-chaos "$1" && echo mounted && { read -r _; umount -l "$1"; rmdir "$1"; }';

/** A file system in memory that can be filled up. It goes with this process, however that ends. */
export class SmallFileSystem {
  readonly path: string;
  readonly #holder: ChildProcess;

  private constructor(path: string, holder: ChildProcess) {
    this.path = path;
    this.#holder = holder;
  }

  /** In a new directory, which goes with it. Needs root. */
  static async mount(sizeBytes: number): Promise<SmallFileSystem> {
    // Not below a directory that this process removes when it ends: the mount outlives it by a moment.
    const path = mkdtempSync(join(tmpdir(), 'lb-store-'));
    const holder = spawn('bash', ['-c', HOLDER, 'holder', path, String(sizeBytes)], {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    holder.stdin.on('error', () => {});
    const [said] = await Promise.race([once(holder.stdout, 'data'), once(holder, 'close')]);
    if (!String(said).startsWith('mounted')) throw new Error(`${path}: no file system could be mounted there`);
    return new SmallFileSystem(path, holder);
  }

  async unmount(): Promise<void> {
    this.#holder.stdin?.end();
    const pid = this.#holder.pid ?? 0;
    const gone = await waitUntil(() => (isGone(pid) ? true : null), { deadlineMs: END_DEADLINE_MS });
    if (gone === null) throw new Error(`${this.path} is still mounted`);
  }
}

/** Takes all the space that is left below `directory`, until `freeUp`. */
export async function fillUp(directory: string): Promise<void> {
  const file = await open(join(directory, FILLER), 'w');
  const block = Buffer.alloc(BLOCK_BYTES, 1);
  try {
    for (let bytes = freeBytes(directory); bytes > 0; bytes = freeBytes(directory)) {
      await file.write(block, 0, Math.min(bytes, BLOCK_BYTES));
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    await file.close();
  }
}

export async function freeUp(directory: string): Promise<void> {
  await rm(join(directory, FILLER), { force: true });
}

function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
