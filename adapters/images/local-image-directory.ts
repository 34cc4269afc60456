import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Image,
  ImageAnswer,
  ImageData,
  ImageService,
  ImageUploads,
} from '../../application/ports/image-service.ts';
import { imageId, type ImageId } from '../../domain/shared/ids.ts';
import { errorReason } from './error-reason.ts';
import { fileBytes, imageFileSizeBytes, openImageFile, readImageFile } from './image-files.ts';
import { imageOf, METADATA_BYTES_MAX, parseImageMetadata } from './image-metadata.ts';
import { isImageUuid } from './image-uuid.ts';
import { LocalImageUploads } from './local-image-uploads.ts';
import { ImageDataError, verifiedImageBytes } from './verified-image-bytes.ts';

const IMAGES_MAX = 10_000;
const METADATA_SUFFIX = '.json';

export type LocalImageDirectoryOptions = {
  readonly path: string;
  /** Told about every image that `list` leaves out, one line each. */
  readonly report: (problem: string) => void;
};

/** An image service without a server: a directory of `<uuid>.json` and `<uuid>.data`, as `importImage` writes them. */
export class LocalImageDirectory implements ImageService {
  readonly uploads: ImageUploads;
  readonly #path: string;
  readonly #report: (problem: string) => void;

  constructor(options: LocalImageDirectoryOptions) {
    this.#path = options.path;
    this.uploads = new LocalImageUploads(options.path);
    this.#report = options.report;
  }

  async show(id: ImageId): Promise<ImageAnswer<Image>> {
    const missing = await this.#directoryProblem();
    if (missing !== null) return failed(missing);
    return this.#read(id);
  }

  /** Newest first. An image whose metadata is broken is reported and left out: the others are still of use. */
  async list(): Promise<ImageAnswer<readonly Image[]>> {
    const missing = await this.#directoryProblem();
    if (missing !== null) return failed(missing);
    try {
      const images: Image[] = [];
      for (const id of await this.#imageIds()) {
        const answer = await this.#read(id);
        if (answer.answer === 'found') images.push(answer.value);
        else if (answer.answer === 'failed') this.#report(answer.reason);
      }
      return { answer: 'found', value: images.toSorted(newestFirst) };
    } catch (error) {
      return failed(`cannot list the image directory ${this.#path}: ${errorReason(error)}`);
    }
  }

  async fetch(id: ImageId): Promise<ImageAnswer<ImageData>> {
    const shown = await this.show(id);
    if (shown.answer !== 'found') return shown;
    const image = shown.value;
    if (image.status !== 'active') return failed(`image ${id} is ${image.status}, so it has no data to read`);
    const path = this.#file(id, '.data');
    try {
      const sizeBytes = await imageFileSizeBytes(path);
      if (sizeBytes !== image.sizeBytes)
        return failed(
          `${path} has ${sizeBytes ?? 'no'} bytes, but its metadata says ${image.sizeBytes}; import the image again`,
        );
    } catch (error) {
      return failed(errorReason(error));
    }
    const checksum = image.sha256 === null ? null : ({ algorithm: 'sha256', hex: image.sha256 } as const);
    return {
      answer: 'found',
      value: {
        sizeBytes: image.sizeBytes,
        sha256: image.sha256,
        bytes: verifiedImageBytes(openedLate(path), image.sizeBytes, checksum),
      },
    };
  }

  async #directoryProblem(): Promise<string | null> {
    try {
      if ((await stat(this.#path)).isDirectory()) return null;
      return `${this.#path} is not a directory; point the image service at one`;
    } catch (error) {
      return `cannot use the image directory ${this.#path}; create it, or correct the configuration: ${errorReason(error)}`;
    }
  }

  async #read(id: ImageId): Promise<ImageAnswer<Image>> {
    if (!isImageUuid(id)) return { answer: 'imageNotFound' };
    const path = this.#file(id, METADATA_SUFFIX);
    try {
      const text = await readImageFile(path, METADATA_BYTES_MAX);
      if (text === null) return { answer: 'imageNotFound' };
      const result = parseImageMetadata(text, id);
      if (!result.parsed) return failed(`${path}: ${result.reason}`);
      return { answer: 'found', value: imageOf(result.metadata, await imageFileSizeBytes(this.#file(id, '.data'))) };
    } catch (error) {
      return failed(`cannot read image ${id}: ${errorReason(error)}`);
    }
  }

  async #imageIds(): Promise<readonly ImageId[]> {
    const ids: ImageId[] = [];
    for await (const entry of await opendir(this.#path)) {
      const id = entry.name.slice(0, -METADATA_SUFFIX.length);
      if (!entry.name.endsWith(METADATA_SUFFIX) || !isImageUuid(id)) continue;
      if (ids.length === IMAGES_MAX)
        throw new Error(`more than ${IMAGES_MAX} images; a directory of that size needs Glance`);
      ids.push(imageId(id));
    }
    return ids;
  }

  #file(id: ImageId, suffix: string): string {
    return join(this.#path, `${id}${suffix}`);
  }
}

/** Opened at the first read, so an answer nobody reads holds nothing open. */
async function* openedLate(path: string): AsyncGenerator<Uint8Array> {
  const handle = await openImageFile(path);
  if (handle === null) throw new ImageDataError(`${path} was removed before it could be read`);
  yield* fileBytes(handle);
}

function newestFirst(one: Image, other: Image): number {
  return other.createdAt.localeCompare(one.createdAt) || one.id.localeCompare(other.id);
}

function failed(reason: string): ImageAnswer<never> {
  return { answer: 'failed', reason };
}
