import { createHash } from 'node:crypto';
import { rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image, ImageUpload, ImageUploads, NewImage } from '../../application/ports/image-service.ts';
import type { ImageId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { errorReason, hasCode } from './error-reason.ts';
import { imageFileSizeBytes, readImageFile } from './image-files.ts';
import { imageOf, METADATA_BYTES_MAX, parseImageMetadata } from './image-metadata.ts';
import { isImageUuid } from './image-uuid.ts';
import { inspectedImageData } from './inspected-image-data.ts';
import { publish, replace, syncDirectory, writeMetadata } from './publish-image-file.ts';
import { verifiedImageBytes } from './verified-image-bytes.ts';

/**
 * Makes images in the directory of a `LocalImageDirectory`: `<uuid>.json` from the reservation on, `<uuid>.data` when all
 * of it has come. Whatever dies half way leaves an image without data, which a repetition fills. `<uuid>.deleted` stands
 * for an image that was deleted before it was whole, until its maker has given it up.
 */
export class LocalImageUploads implements ImageUploads {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  reserve({ id, name, owner, minDiskGiB, minRamMiB, properties, at }: NewImage): Promise<Outcome<null>> {
    const described = { id, name, owner, minDiskGiB, minRamMiB, properties, createdAt: at, updatedAt: at };
    const empty = { diskFormat: 'raw', containerFormat: 'bare', sizeBytes: 0, sha256: null } as const;
    const image: Image = { ...described, ...empty, status: 'queued', visibility: 'private', isProtected: false };
    return this.#attempt(id, 'reserve', async () => {
      if (await this.#isDeleted(id)) return;
      try {
        await publish(this.#path, this.#file(id, '.json'), (temporary) => writeMetadata(image, temporary));
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
    });
  }

  upload(id: ImageId, { diskFormat, sizeBytes, bytes, at }: ImageUpload): Promise<Outcome<null>> {
    return this.#attempt(id, 'store', async () => {
      const found = await this.#find(id);
      if (found === null) throw new Error('it is not there any more');
      const reserved = { ...found, diskFormat, updatedAt: at };
      await this.#describe({ ...reserved, status: 'saving' });
      const data = { sizeBytes, sha256: null, bytes: verifiedImageBytes(bytes, sizeBytes, null) };
      const sha256 = await replace(this.#path, this.#file(id, '.data'), (temporary) =>
        writeSparsely(inspectedImageData(diskFormat, data).bytes, temporary),
      );
      await this.#describe({ ...reserved, status: 'active', sizeBytes, sha256 });
    });
  }

  discard(id: ImageId): Promise<Outcome<null>> {
    return this.#attempt(id, 'remove', async () => {
      await this.#remove(id);
      await rm(this.#file(id, '.deleted'), { force: true });
      await syncDirectory(this.#path);
    });
  }

  delete(id: ImageId): Promise<Outcome<null>> {
    return this.#attempt(id, 'delete', async () => {
      const image = await this.#find(id);
      // Its maker may be in another process, and takes away again what it writes from now on.
      if (image !== null && image.status !== 'active') {
        await replace(this.#path, this.#file(id, '.deleted'), async () => undefined);
      }
      await this.#remove(id);
      await syncDirectory(this.#path);
    });
  }

  async #remove(id: ImageId): Promise<void> {
    // The other way round somebody could see an image that has lost its data.
    await rm(this.#file(id, '.json'), { force: true });
    await rm(this.#file(id, '.data'), { force: true });
  }

  async #isDeleted(id: ImageId): Promise<boolean> {
    return (await imageFileSizeBytes(this.#file(id, '.deleted'))) !== null;
  }

  async #find(id: ImageId): Promise<Image | null> {
    const text = await readImageFile(this.#file(id, '.json'), METADATA_BYTES_MAX);
    if (text === null) return null;
    const read = parseImageMetadata(text, id);
    if (!read.parsed) throw new Error(read.reason);
    return imageOf(read.metadata, null);
  }

  async #describe(image: Image): Promise<void> {
    await this.#endIfDeleted(image.id);
    await replace(this.#path, this.#file(image.id, '.json'), (temporary) => writeMetadata(image, temporary));
    await this.#endIfDeleted(image.id);
  }

  async #endIfDeleted(id: ImageId): Promise<void> {
    if (!(await this.#isDeleted(id))) return;
    await this.#remove(id);
    throw new Error('it has been deleted');
  }

  async #attempt(id: ImageId, doing: string, change: () => Promise<void>): Promise<Outcome<null>> {
    if (!isImageUuid(id)) return failed(`the image id ${JSON.stringify(id)} is not a lower-case UUID`);
    try {
      await change();
      return succeeded(null);
    } catch (error) {
      return failed(`cannot ${doing} image ${id} in ${this.#path}: ${errorReason(error)}`);
    }
  }

  #file(id: ImageId, suffix: string): string {
    return join(this.#path, `${id}${suffix}`);
  }
}

/** Blocks of a disk that nobody has written take no place. Answers the SHA-256 of all bytes. */
async function writeSparsely(bytes: AsyncIterable<Uint8Array>, target: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  let position = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    if (!isZero(chunk)) await writeAt(target, chunk, position);
    position += chunk.byteLength;
  }
  await target.truncate(position);
  return hash.digest('hex');
}

async function writeAt(target: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.byteLength;) {
    const { bytesWritten } = await target.write(chunk, done, chunk.byteLength - done, position + done);
    done += bytesWritten;
  }
}

const ZEROS = Buffer.alloc(64 * 1024);

function isZero(chunk: Uint8Array): boolean {
  for (let start = 0; start < chunk.byteLength; start += ZEROS.length) {
    const part = chunk.subarray(start, start + ZEROS.length);
    if (ZEROS.compare(part, 0, part.byteLength, 0, part.byteLength) !== 0) return false;
  }
  return true;
}
