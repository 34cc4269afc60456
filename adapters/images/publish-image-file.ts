import { randomUUID } from 'node:crypto';
import { link, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '../../application/ports/image-service.ts';
import { METADATA_BYTES_MAX, metadataOf, parseImageMetadata } from './image-metadata.ts';

const FILE_MODE = 0o640;

/** Writes a temporary file, makes it durable, and gives it its name unless that exists (`link`, unlike `rename`, refuses). */
export function publish<Value>(
  directory: string,
  path: string,
  write: (temporary: FileHandle) => Promise<Value>,
): Promise<Value> {
  return written(directory, write, async (temporaryPath) => {
    await link(temporaryPath, path);
    await unlink(temporaryPath);
  });
}

/** As `publish`, and what had the name before goes: whoever reads sees the one or the other, whole. */
export function replace<Value>(
  directory: string,
  path: string,
  write: (temporary: FileHandle) => Promise<Value>,
): Promise<Value> {
  return written(directory, write, (temporaryPath) => rename(temporaryPath, path));
}

async function written<Value>(
  directory: string,
  write: (temporary: FileHandle) => Promise<Value>,
  name: (temporaryPath: string) => Promise<void>,
): Promise<Value> {
  const temporaryPath = join(directory, `.import-${randomUUID()}`);
  const temporary = await open(temporaryPath, 'wx', FILE_MODE);
  let named = false;
  try {
    const value = await write(temporary);
    await temporary.sync();
    await name(temporaryPath);
    named = true;
    return value;
  } finally {
    await temporary.close();
    if (!named) await unlink(temporaryPath);
    await syncDirectory(directory);
  }
}

/** Makes that a name was given, or taken away, outlast a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Throws for what could not be read again. */
export async function writeMetadata(image: Image, target: FileHandle): Promise<void> {
  const text = `${JSON.stringify(metadataOf(image), null, 2)}\n`;
  if (Buffer.byteLength(text) > METADATA_BYTES_MAX)
    throw new Error(`its metadata is larger than ${METADATA_BYTES_MAX} bytes`);
  const result = parseImageMetadata(text, image.id);
  if (!result.parsed) throw new Error(result.reason);
  await target.writeFile(text);
}
