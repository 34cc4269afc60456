import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { requireCommand } from '../lab/run-command.ts';

const TOOL_DEADLINE_MS = 120_000;

/** By file name. */
export type Digests = Readonly<Record<string, string>>;

/**
 * SHA-256 of what a guest would read from each disk, and of each other file as it is; the console is left out, which
 * every host writes anew. Disks are read while a guest has them open, so only those that it does not write to are told.
 */
export async function directoryDigests(directory: string, leftOut: readonly string[]): Promise<Digests> {
  const names = (await readdir(directory)).filter((name) => !leftOut.includes(name) && name !== 'console.log');
  const digests: Record<string, string> = {};
  for (const name of names.toSorted()) {
    const path = join(directory, name);
    digests[name] = name.startsWith('disk') ? await diskDigest(path) : await fileDigest(path);
  }
  return digests;
}

async function diskDigest(path: string): Promise<string> {
  const information = await requireCommand(['qemu-img', 'info', '-U', '--output=json', path], {
    deadlineMs: TOOL_DEADLINE_MS,
  });
  const format = /"format": "qcow2"/.test(information) ? 'qcow2' : 'raw';
  if (format === 'raw') return fileDigest(path);
  const plain = join(path, '..', '..', '.plain');
  const argv = ['qemu-img', 'convert', '-U', '-f', format, '-O', 'raw', path, plain];
  await requireCommand(argv, { deadlineMs: TOOL_DEADLINE_MS });
  try {
    return await fileDigest(plain);
  } finally {
    await rm(plain);
  }
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Bytes that a disk takes on the host. */
export const allocatedBytes = (path: string): number => statSync(path).blocks * 512;
