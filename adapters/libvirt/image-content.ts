import type { DiskFormat, Image, ImageService } from '../../application/ports/image-service.ts';
import type { ImageId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { inspectedImageData } from '../images/inspected-image-data.ts';
import type { VolumeFormat } from './volume-definition.ts';

const VOLUME_FORMAT: Readonly<Partial<Record<DiskFormat, VolumeFormat>>> = { raw: 'raw', ami: 'raw', qcow2: 'qcow2' };

/** Null for what is no disk. */
export const volumeFormatOf = ({ diskFormat }: Image): VolumeFormat | null => VOLUME_FORMAT[diskFormat] ?? null;

export type ImageContent = { readonly sizeBytes: number; readonly bytes: AsyncIterable<Uint8Array> };

/** Null: the image service has no such image. */
export async function showImage(images: ImageService, imageId: ImageId): Promise<Outcome<Image | null>> {
  const shown = await images.show(imageId);
  if (shown.answer === 'imageNotFound') return succeeded(null);
  return shown.answer === 'found' ? succeeded(shown.value) : serviceFailed(imageId, shown.reason);
}

/**
 * The bytes of an image, inspected before the first of them is handed on: an image that names files of its own would
 * open them on the host (CVE-2024-32498). Null: the image service has no such image.
 */
export async function openImage(
  images: ImageService,
  { id, diskFormat }: Image,
): Promise<Outcome<ImageContent | null>> {
  const fetched = await images.fetch(id);
  if (fetched.answer === 'imageNotFound') return succeeded(null);
  if (fetched.answer === 'failed') return serviceFailed(id, fetched.reason);
  return succeeded(inspectedImageData(diskFormat, fetched.value));
}

export const noSuchImage = (imageId: ImageId): Outcome<never> => failed(`image ${imageId} is not in the image service`);

const serviceFailed = (imageId: ImageId, reason: string): Outcome<never> =>
  failed(`the image service failed for ${imageId}: ${reason}`);
