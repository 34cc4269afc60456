import type { Image, ImageService } from '../../application/ports/image-service.ts';
import type { ImageId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { cachedName } from './cached-image.ts';
import type { ImageCache } from './image-cache.ts';
import { noSuchImage, openImage, showImage, volumeFormatOf, type ImageContent } from './image-content.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import type { VolumeFormat } from './volume-definition.ts';
import type { RemoteStoragePool } from './rpc/remote-objects.ts';

/** Where the files of a server are put, and the host's cache of what its disks may be layered on. */
export type Place = {
  readonly directory: InstanceDirectory;
  readonly pool: RemoteStoragePool;
  readonly imageCache: ImageCache;
};

export type PlacedImage = { readonly image: Image; readonly format: VolumeFormat };

/** Streams an image from the image service into a file of the server's directory. */
export async function placeImage(
  images: ImageService,
  place: Place,
  imageId: ImageId,
  fileName: string,
): Promise<Outcome<PlacedImage>> {
  const image = await presentImage(images, imageId);
  return image.outcome === 'succeeded' ? placeWhole(images, place, image.value, fileName) : image;
}

/** A disk that begins as the image: layered on the host's cache where it has one, otherwise a whole copy. */
export async function placeDisk(
  images: ImageService,
  place: Place,
  imageId: ImageId,
  fileName: string,
): Promise<Outcome<PlacedImage>> {
  const image = await presentImage(images, imageId);
  if (image.outcome !== 'succeeded') return image;
  const refusal = refuseAsDisk(image.value);
  if (refusal !== null) return failed(refusal);
  const layered = await placeLayered(images, place, image.value, fileName);
  if (layered.outcome !== 'succeeded') return layered;
  return layered.value
    ? succeeded({ image: image.value, format: 'qcow2' })
    : placeWhole(images, place, image.value, fileName);
}

/** False: it has to be a whole copy. */
async function placeLayered(
  images: ImageService,
  { directory, pool, imageCache }: Place,
  image: Image,
  name: string,
): Promise<Outcome<boolean>> {
  // A CD-ROM takes no writes, so libvirt would not copy the layer when the server moves.
  const isCdrom = image.properties['hw_rescue_device'] === 'cdrom';
  if (imageCache.options === null || isCdrom || volumeFormatOf(image) === null) return succeeded(false);
  const made = await imageCache.use(
    cachedName(image.id),
    () => contentOf(images, image),
    ({ path, format, capacityBytes }) =>
      directory.create(pool, { name, format: 'qcow2', capacityBytes, layeredOn: { path, format } }),
  );
  return made.outcome === 'succeeded' ? succeeded(made.value !== null) : made;
}

async function placeWhole(
  images: ImageService,
  { directory, pool }: Place,
  image: Image,
  name: string,
): Promise<Outcome<PlacedImage>> {
  const content = await contentOf(images, image);
  if (content.outcome !== 'succeeded') return content;
  const { sizeBytes, bytes } = content.value;
  const space = await directory.availableBytes(pool);
  if (space.outcome === 'succeeded' && space.value < sizeBytes) {
    return failed(
      `${directory.path} has ${space.value} bytes left, image ${image.id} needs ${sizeBytes}: free space on the host`,
    );
  }
  const volume = await directory.create(pool, { name, format: 'raw', capacityBytes: sizeBytes });
  if (volume.outcome !== 'succeeded') return volume;
  const sent = await directory.upload(volume.value, sizeBytes, bytes);
  return sent.outcome === 'succeeded' ? succeeded({ image, format: volumeFormatOf(image) ?? 'raw' }) : sent;
}

/** Null when the format can be a guest's disk; otherwise why not. */
function refuseAsDisk(image: Image): string | null {
  const { id, diskFormat, properties } = image;
  if (diskFormat === 'iso' && properties['hw_rescue_device'] === 'cdrom') return null;
  return volumeFormatOf(image) === null ? `image ${id} is ${diskFormat}, which is no disk to boot from` : null;
}

async function presentImage(images: ImageService, imageId: ImageId): Promise<Outcome<Image>> {
  const shown = await showImage(images, imageId);
  if (shown.outcome !== 'succeeded') return shown;
  return shown.value === null ? noSuchImage(imageId) : succeeded(shown.value);
}

async function contentOf(images: ImageService, image: Image): Promise<Outcome<ImageContent>> {
  const opened = await openImage(images, image);
  if (opened.outcome !== 'succeeded') return opened;
  return opened.value === null ? noSuchImage(image.id) : succeeded(opened.value);
}
