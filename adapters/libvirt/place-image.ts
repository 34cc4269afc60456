import type { DiskFormat, Image, ImageService } from '../../application/ports/image-service.ts';
import type { ImageId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { inspectedImageData } from '../images/inspected-image-data.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import type { VolumeFormat } from './volume-definition.ts';
import type { RemoteStoragePool } from './rpc/remote-objects.ts';

const VOLUME_FORMAT: Readonly<Partial<Record<DiskFormat, VolumeFormat>>> = { raw: 'raw', ami: 'raw', qcow2: 'qcow2' };

export type PlacedImage = { readonly image: Image; readonly format: VolumeFormat };

/**
 * Streams an image from the image service into a file of the server's directory. The content is inspected before the
 * first byte reaches the host: an image that names files of its own would open them there (CVE-2024-32498).
 */
export async function placeImage(
  images: ImageService,
  { directory, pool }: { readonly directory: InstanceDirectory; readonly pool: RemoteStoragePool },
  imageId: ImageId,
  fileName: string,
): Promise<Outcome<PlacedImage>> {
  const shown = await images.show(imageId);
  if (shown.answer !== 'found') return notServed(imageId, shown);
  const image = shown.value;
  const fetched = await images.fetch(imageId);
  if (fetched.answer !== 'found') return notServed(imageId, fetched);
  const { sizeBytes, bytes } = inspectedImageData(image.diskFormat, fetched.value);
  const space = await directory.availableBytes(pool);
  if (space.outcome === 'succeeded' && space.value < sizeBytes) {
    return failed(
      `${directory.path} has ${space.value} bytes left, image ${imageId} needs ${sizeBytes}: free space on the host`,
    );
  }
  const volume = await directory.create(pool, { name: fileName, format: 'raw', capacityBytes: sizeBytes });
  if (volume.outcome !== 'succeeded') return volume;
  const sent = await directory.upload(volume.value, sizeBytes, bytes);
  if (sent.outcome !== 'succeeded') return sent;
  return succeeded({ image, format: VOLUME_FORMAT[image.diskFormat] ?? 'raw' });
}

/** Null when the format can be a guest's disk; otherwise why not. */
export function refuseAsDisk({ id, diskFormat, properties }: Image): string | null {
  if (diskFormat === 'iso' && properties['hw_rescue_device'] === 'cdrom') return null;
  return VOLUME_FORMAT[diskFormat] === undefined ? `image ${id} is ${diskFormat}, which is no disk to boot from` : null;
}

function notServed(
  imageId: ImageId,
  answer: { readonly answer: 'imageNotFound' } | { readonly answer: 'failed'; readonly reason: string },
): Outcome<never> {
  return failed(
    answer.answer === 'imageNotFound'
      ? `image ${imageId} is not in the image service`
      : `the image service failed for ${imageId}: ${answer.reason}`,
  );
}
