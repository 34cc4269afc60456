import { constants, open, type FileHandle } from 'node:fs/promises';
import { hasCode } from './error-reason.ts';

const CHUNK_BYTES = 1024 * 1024;

/** A named pipe would block the open, and a symbolic link may lead anywhere. */
const NOTHING_BUT_A_FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens a regular file that is no symbolic link; null when there is none of that name, and throws for anything else. */
export async function openImageFile(path: string): Promise<FileHandle | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, NOTHING_BUT_A_FILE);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    if (hasCode(error, 'ELOOP')) throw new Error(`${path} is a symbolic link, which is refused`, { cause: error });
    throw error;
  }
  const status = await handle.stat();
  if (status.isFile()) return handle;
  await handle.close();
  throw new Error(`${path} is not a regular file`);
}

/** The file's bytes in chunks of their own, so a caller may keep one. Closes the handle at the end or on early return. */
export async function* fileBytes(handle: FileHandle): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(CHUNK_BYTES), 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Null when there is no such file; throws when it has more than `bytesMax`. */
export async function readImageFile(path: string, bytesMax: number): Promise<string | null> {
  const handle = await openImageFile(path);
  if (handle === null) return null;
  const chunks: Uint8Array[] = [];
  let seenBytes = 0;
  for await (const chunk of fileBytes(handle)) {
    chunks.push(chunk);
    seenBytes += chunk.byteLength;
    if (seenBytes > bytesMax) throw new Error(`${path} is larger than ${bytesMax} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Null when there is no such file. */
export async function imageFileSizeBytes(path: string): Promise<number | null> {
  const handle = await openImageFile(path);
  if (handle === null) return null;
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
