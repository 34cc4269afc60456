import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { requireCommand } from '../lab/run-command.ts';

const TOOL_DEADLINE_MS = 120_000;
const READ_BYTES = 1_048_576;
const BLOCK = Buffer.alloc(65_536);

/** By file name. */
export type Digests = Readonly<Record<string, string>>;

/** Of disks that lie elsewhere, as `directoryDigests`; by the names given. */
export async function diskDigests(disks: ReadonlyMap<string, string>, leftOut: readonly string[]): Promise<Digests> {
  const digests: Record<string, string> = {};
  for (const [name, path] of disks) if (!leftOut.includes(name)) digests[name] = await contentDigest(path);
  return digests;
}

/**
 * SHA-256 of what a guest would read from each disk, and of each other file as it is; the console is left out, which
 * every host writes anew. Disks are read while a guest has them open, so only those that it does not write to are told.
 */
export async function directoryDigests(directory: string, leftOut: readonly string[]): Promise<Digests> {
  const names = (await readdir(directory)).filter((name) => !leftOut.includes(name) && name !== 'console.log');
  const digests: Record<string, string> = {};
  for (const name of names.toSorted()) {
    const path = join(directory, name);
    digests[name] = name.startsWith('disk') ? await diskDigest(path) : await contentDigest(path);
  }
  return digests;
}

async function diskDigest(path: string): Promise<string> {
  const { format, layer } = await diskLayers(path);
  if (format !== 'qcow2') return contentDigest(path);
  const plain = join(path, '..', '..', `.plain-${crypto.randomUUID()}`);
  const file = { driver: 'file', filename: path };
  // The host knows the image by a path that is not there outside of it.
  const backing =
    layer === null ? {} : { backing: { driver: layer.format, file: { driver: 'file', filename: layer.path } } };
  const source = `json:${JSON.stringify({ driver: 'qcow2', file, ...backing })}`;
  const argv = ['qemu-img', 'convert', '-U', '-O', 'raw', source, plain];
  try {
    await requireCommand(argv, { deadlineMs: TOOL_DEADLINE_MS });
    return await contentDigest(plain);
  } finally {
    await rm(plain, { force: true });
  }
}

type Layers = {
  readonly format: string;
  /** What the disk is layered on; null: it stands alone. */
  readonly layer: { readonly name: string; readonly format: string; readonly path: string } | null;
};

/** What a disk's own header says. */
export async function diskLayers(path: string): Promise<Layers> {
  const argv = ['qemu-img', 'info', '-U', '--output=json', path];
  const information: {
    readonly format: string;
    readonly 'backing-filename'?: string;
    readonly 'backing-filename-format'?: string;
  } = JSON.parse(await requireCommand(argv, { deadlineMs: TOOL_DEADLINE_MS }));
  const { format, 'backing-filename': backing, 'backing-filename-format': backingFormat = 'none' } = information;
  if (backing === undefined) return { format, layer: null };
  const name = basename(backing);
  return { format, layer: { name, format: backingFormat, path: join(dirname(dirname(path)), '_base', name) } };
}

/**
 * Of the length, and of each block that is not all zeros with its place: two files have the same digest only where every
 * byte is the same, and a gigabyte of nothing costs a third of a second, not five.
 */
export async function contentDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(READ_BYTES);
    let offset = 0;
    for (;;) {
      const filled = await fill(file, buffer, offset);
      for (let start = 0; start < filled; start += BLOCK.length) {
        const block = buffer.subarray(start, Math.min(filled, start + BLOCK.length));
        if (BLOCK.compare(block, 0, block.length, 0, block.length) === 0) continue;
        hash.update(`${offset + start}+${block.length}:`).update(block);
      }
      offset += filled;
      if (filled < buffer.length) break;
    }
    return hash.update(`${offset}`).digest('hex');
  } finally {
    await file.close();
  }
}

/** Bytes read from `offset` on; fewer than the buffer holds only at the end of the file. */
async function fill(file: Awaited<ReturnType<typeof open>>, buffer: Buffer, offset: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** Bytes that a disk takes on the host. */
export const allocatedBytes = (path: string): number => statSync(path).blocks * 512;
