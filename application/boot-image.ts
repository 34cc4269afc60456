import type { BootImages } from '../domain/instance/boot-images.ts';
import { imageId, type ImageId } from '../domain/shared/ids.ts';
import type { Answer } from './compute-api-answer.ts';
import type { Image, ImageService } from './ports/image-service.ts';

export type BootImage = { readonly image: Image; readonly bootImages: BootImages };

/** The image a server is made of, with the kernel pair it names. Only an active image will do. */
export async function findBootImage(images: ImageService, wanted: ImageId): Promise<Answer<BootImage>> {
  const found = await findRescueImage(images, wanted);
  return found.accepted && found.value.image.status !== 'active'
    ? refused({ reason: 'ImageNotActive', imageId: wanted })
    : found;
}

/** One that has no data yet will do, as in Nova (nova.md C.1): the rescue itself will tell. */
export async function findRescueImage(images: ImageService, wanted: ImageId): Promise<Answer<BootImage>> {
  const shown = await images.show(wanted);
  if (shown.answer === 'imageNotFound') return refused({ reason: 'ImageNotFound', imageId: wanted });
  if (shown.answer === 'failed') return refused({ reason: 'ImageServiceFailed', detail: shown.reason });
  const image = shown.value;
  return { accepted: true, value: { image, bootImages: bootImagesOf(image) } };
}

type Refused = Extract<Answer<never>, { accepted: false }>;
const refused = (refusal: Refused['refusal']): Refused => ({ accepted: false, refusal });

function bootImagesOf(image: Image): BootImages {
  const named = (property: string): ImageId | null => {
    const value = image.properties[property];
    return value === undefined || value === '' ? null : imageId(value);
  };
  return { imageId: image.id, kernelId: named('kernel_id'), ramdiskId: named('ramdisk_id') };
}
