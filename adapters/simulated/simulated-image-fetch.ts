import { createHash } from 'node:crypto';
import type { ImageService } from '../../application/ports/image-service.ts';
import type { BootImages } from '../../domain/instance/boot-images.ts';
import type { ImageId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { readDiskContent, type DiskContent } from './simulated-disk-content.ts';
import type { SimulatedFile } from './simulated-host.ts';

/** A kernel or ramdisk is kept in memory as it is, so it must be small. */
const BOOT_FILE_BYTES_MAX = 67_108_864;

export type FetchedImage = {
  readonly sizeBytes: number;
  readonly sha256: string;
  /** What a guest has left on it; null for an image that no guest has used. */
  readonly disk: DiskContent | null;
};

/** Everything a boot needs of the image service, fetched before anything on the host is touched. */
export type FetchedImages = {
  readonly disk: FetchedImage;
  readonly kernel: SimulatedFile | null;
  readonly ramdisk: SimulatedFile | null;
};

export async function fetchImages(images: ImageService, wanted: BootImages): Promise<Outcome<FetchedImages>> {
  const disk = await hashed(images, wanted.imageId);
  if (disk.outcome !== 'succeeded') return disk;
  const kernel = await bootFile(images, wanted.kernelId);
  if (kernel.outcome !== 'succeeded') return kernel;
  const ramdisk = await bootFile(images, wanted.ramdiskId);
  if (ramdisk.outcome !== 'succeeded') return ramdisk;
  return succeeded({ disk: disk.value, kernel: kernel.value, ramdisk: ramdisk.value });
}

// A disk image may be large, so only its size and its hash are kept.
function hashed(images: ImageService, id: ImageId): Promise<Outcome<FetchedImage>> {
  return opened(images, id, async (bytes) => {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    let first: Uint8Array | null = null;
    for await (const chunk of bytes) {
      hash.update(chunk);
      first ??= chunk;
      sizeBytes += chunk.byteLength;
    }
    const disk = first === null || first.byteLength !== sizeBytes ? null : readDiskContent(first);
    return { sizeBytes, sha256: hash.digest('hex'), disk };
  });
}

async function bootFile(images: ImageService, id: ImageId | null): Promise<Outcome<SimulatedFile | null>> {
  if (id === null) return succeeded(null);
  return opened(images, id, async (bytes) => {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of bytes) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > BOOT_FILE_BYTES_MAX) throw new Error(`image ${id} is larger than ${BOOT_FILE_BYTES_MAX} bytes`);
      chunks.push(chunk);
    }
    return { content: Buffer.concat(chunks), capacityBytes: sizeBytes };
  });
}

async function opened<Value>(
  images: ImageService,
  id: ImageId,
  read: (bytes: AsyncIterable<Uint8Array>) => Promise<Value>,
): Promise<Outcome<Value>> {
  const answer = await images.fetch(id);
  if (answer.answer === 'imageNotFound') return failed(`Image ${id} could not be found.`);
  if (answer.answer === 'failed') return failed(`Image ${id} could not be read: ${answer.reason}`);
  try {
    return succeeded(await read(answer.value.bytes));
  } catch (error) {
    // The port says that reading throws when the data is broken; everything read so far is worthless.
    return failed(`Image ${id} could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
