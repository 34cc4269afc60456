import { createHash, randomUUID } from 'node:crypto';
import { constants, mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '../../application/ports/image-service.ts';
import { imageId, type ImageId } from '../../domain/shared/ids.ts';
import { errorReason, hasCode } from './error-reason.ts';
import { fileBytes } from './image-files.ts';
import { isImageUuid } from './image-uuid.ts';
import { inspectedImageData } from './inspected-image-data.ts';
import { publish, writeMetadata } from './publish-image-file.ts';
import { verifiedImageBytes } from './verified-image-bytes.ts';

const DIRECTORY_MODE = 0o750;

export type ImageDescription = Pick<
  Image,
  'name' | 'diskFormat' | 'containerFormat' | 'minDiskGiB' | 'minRamMiB' | 'visibility' | 'createdAt' | 'properties'
> & {
  /** Null for a new random one. */
  readonly id: ImageId | null;
};

export type ImageImport =
  { readonly imported: true; readonly image: Image } | { readonly imported: false; readonly reason: string };

/**
 * Copies a file into the directory of a `LocalImageDirectory`, which is made when it is not there. The bytes inspected
 * are the bytes copied. An image appears whole or not at all, even after a power cut: data first, metadata last, both
 * under a name nobody has yet. An id that is taken is refused. Called by the command line, the demo and tests.
 */
export async function importImage(
  directory: string,
  description: ImageDescription,
  sourceFilePath: string,
): Promise<ImageImport> {
  const id = description.id ?? imageId(randomUUID());
  if (!isImageUuid(id)) return refused(`the image id ${JSON.stringify(id)} is not a lower-case UUID`);
  const data = join(directory, `${id}.data`);
  try {
    await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    const copied = await publish(directory, data, (temporary) => copySource(sourceFilePath, description, temporary));
    const image = imageFrom(description, id, copied);
    try {
      await publish(directory, join(directory, `${id}.json`), (temporary) => writeMetadata(image, temporary));
    } catch (error) {
      await unlink(data);
      throw error;
    }
    return { imported: true, image };
  } catch (error) {
    if (hasCode(error, 'EEXIST'))
      return refused(`image ${id} is already in ${directory}; remove its .json and .data first`);
    return refused(`cannot import ${sourceFilePath}: ${errorReason(error)}`);
  }
}

type Copied = { readonly sizeBytes: number; readonly sha256: string };

async function copySource(sourceFilePath: string, description: ImageDescription, target: FileHandle): Promise<Copied> {
  // Without O_NONBLOCK the open of a named pipe would wait for a writer for ever.
  const source = await open(sourceFilePath, constants.O_RDONLY | constants.O_NONBLOCK);
  const status = await source.stat();
  if (!status.isFile()) {
    await source.close();
    throw new Error('it is not a regular file');
  }
  // A file that changes while it is copied has a size other than the one inspected.
  const bytes = verifiedImageBytes(fileBytes(source), status.size, null);
  const hash = createHash('sha256');
  for await (const chunk of inspectedImageData(description.diskFormat, { sizeBytes: status.size, sha256: null, bytes })
    .bytes) {
    hash.update(chunk);
    await target.writeFile(chunk);
  }
  return { sizeBytes: status.size, sha256: hash.digest('hex') };
}

function imageFrom(description: ImageDescription, id: ImageId, copied: Copied): Image {
  return { ...description, id, status: 'active', ...copied, updatedAt: description.createdAt };
}

function refused(reason: string): ImageImport {
  return { imported: false, reason };
}
