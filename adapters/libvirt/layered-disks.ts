import type { MigrationDescription, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import type { ImageService } from '../../application/ports/image-service.ts';
import type { ImageId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { cachedName } from './cached-image.ts';
import { openImage, showImage, type ImageContent } from './image-content.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { childrenOf, find, parseXml, remove, rootOf, serializeXml } from './xml-document.ts';

type Arriving = {
  readonly description: MigrationDescription;
  readonly destination: LibvirtHost;
  readonly facts: SourceFacts;
};

/**
 * The disks of a server that are layered on an image, each on the same image of the destination's cache, for libvirt to
 * copy the layers into. The image comes from the image service, or from the source where there is none any more.
 */
export async function createLayeredDisks(
  from: { readonly images: ImageService; readonly source: LibvirtHost },
  { description, destination, facts }: Arriving,
): Promise<Outcome<null>> {
  const directory = destination.directory(description.guest.instanceId);
  for (const { fileName, format, capacityBytes, cachedImage } of facts.disks) {
    if (cachedImage === undefined) continue;
    const { name } = cachedImage;
    const made = await destination.imageCache.use(
      name,
      () => contentOf(from, name, imageIdOf(name, description)),
      async ({ path, format: imageFormat }) => {
        const pool = await directory.pool();
        if (pool.outcome !== 'succeeded') return pool;
        if (pool.value === null) return failed(`${directory.path} does not exist`);
        const layeredOn = { path, format: imageFormat };
        return directory.create(pool.value, { name: fileName, format, capacityBytes, layeredOn });
      },
    );
    if (made.outcome !== 'succeeded') return made;
    if (made.value === null) {
      return failed(
        `another process keeps ${destination.imageCache.directory.path}/${name} on ${destination.options.host}`,
      );
    }
  }
  return succeeded(null);
}

/** The image that the file is, which its name alone says: never that of another disk. Null: none that is known here. */
function imageIdOf(name: string, { guest, rescueImageId }: MigrationDescription): ImageId | null {
  const known = [guest.images.imageId, ...(rescueImageId === undefined ? [] : [rescueImageId])];
  return known.find((imageId) => cachedName(imageId) === name) ?? null;
}

/** Only an image service that has no such image sends to the source: one that fails must be seen. */
async function contentOf(
  { images, source }: { readonly images: ImageService; readonly source: LibvirtHost },
  name: string,
  imageId: ImageId | null,
): Promise<Outcome<ImageContent>> {
  const image = imageId === null ? succeeded(null) : await showImage(images, imageId);
  if (image.outcome !== 'succeeded') return image;
  const content = image.value === null ? succeeded(null) : await openImage(images, image.value);
  if (content.outcome !== 'succeeded') return content;
  if (content.value !== null) return succeeded(content.value);
  const { directory } = source.imageCache;
  const file = await source.imageCache.file(name);
  if (file.outcome !== 'succeeded') return file;
  if (file.value === null)
    return failed(`neither the image service nor ${source.options.host} has ${directory.path}/${name}`);
  const size = await directory.measure(file.value);
  if (size.outcome !== 'succeeded') return size;
  const bytes = await directory.download(file.value);
  return bytes.outcome === 'succeeded' ? succeeded({ sizeBytes: size.value.fileBytes, bytes: bytes.value }) : bytes;
}

/**
 * The definition without what libvirt has noted of the files below its disks: they may be of another format where the
 * guest goes to, and are read there in the disks' own headers.
 */
export function withoutLayers(definition: string): string {
  const document = parseXml(definition);
  const devices = find(rootOf(document), 'devices');
  const layers = (devices === null ? [] : childrenOf(devices, 'disk'))
    .flatMap((disk) => childrenOf(disk, 'backingStore'))
    // An empty one says that there is nothing below, and that nothing is to be looked for.
    .filter((layer) => find(layer, 'source') !== null);
  for (const layer of layers) remove(layer);
  return layers.length === 0 ? definition : serializeXml(document);
}
