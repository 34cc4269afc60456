import type { BootImages } from '../domain/instance/instance-events.ts';
import { imageId, type ImageId } from '../domain/shared/ids.ts';
import type { Answer } from './compute-api.ts';
import type { Image, ImageService } from './ports/image-service.ts';

export type BootImage = { readonly image: Image; readonly bootImages: BootImages };

/** The image a guest is to boot from, with the kernel pair it names. Only an active image will do. */
export async function findBootImage(images: ImageService, wanted: ImageId): Promise<Answer<BootImage>> {
  const shown = await images.show(wanted);
  if (shown.answer === 'imageNotFound') return refused({ reason: 'ImageNotFound', imageId: wanted });
  if (shown.answer === 'failed') return refused({ reason: 'ImageServiceFailed', detail: shown.reason });
  const image = shown.value;
  if (image.status !== 'active') return refused({ reason: 'ImageNotActive', imageId: wanted });
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
