import type { Image } from '../../../application/ports/image-service.ts';
import { inSeconds } from '../time-format.ts';

/** An image as Glance's API v2 shows it: free properties stand beside the keys of its schema, and never over them. */
export function imageDocument(image: Image): object {
  const hasData = image.status === 'active' || image.status === 'deactivated';
  return {
    ...image.properties,
    name: image.name,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    visibility: image.visibility,
    size: hasData ? image.sizeBytes : null,
    virtual_size: null,
    status: image.status,
    checksum: null,
    protected: image.isProtected ?? true,
    min_ram: image.minRamMiB,
    min_disk: image.minDiskGiB,
    owner: image.owner ?? null,
    os_hidden: false,
    os_hash_algo: image.sha256 === null ? null : 'sha256',
    os_hash_value: image.sha256,
    id: image.id,
    created_at: inSeconds(image.createdAt),
    updated_at: inSeconds(image.updatedAt),
    tags: [],
    self: `/v2/images/${image.id}`,
    file: `/v2/images/${image.id}/file`,
    schema: '/v2/schemas/image',
  };
}

/** What python-glanceclient asks for before it shows an image. */
export function imageSchema(): object {
  const text = { type: ['null', 'string'] };
  const number = { type: ['null', 'integer'] };
  const names = ['name', 'disk_format', 'container_format', 'visibility', 'status', 'checksum', 'owner', 'id'];
  const texts = [...names, 'os_hash_algo', 'os_hash_value', 'created_at', 'updated_at', 'self', 'file', 'schema'];
  const numbers = ['size', 'virtual_size', 'min_ram', 'min_disk'];
  return {
    name: 'image',
    properties: {
      ...Object.fromEntries(texts.map((name) => [name, text])),
      ...Object.fromEntries(numbers.map((name) => [name, number])),
      protected: { type: 'boolean' },
      os_hidden: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' } },
    },
    additionalProperties: { type: 'string' },
    links: [
      { rel: 'self', href: '{self}' },
      { rel: 'enclosure', href: '{file}' },
      { rel: 'describedby', href: '{schema}' },
    ],
  };
}

/** The same for a list of images. */
export function imagesSchema(): object {
  return {
    name: 'images',
    properties: {
      images: { type: 'array', items: imageSchema() },
      first: { type: 'string' },
      next: { type: 'string' },
      schema: { type: 'string' },
    },
    links: [
      { rel: 'first', href: '{first}' },
      { rel: 'next', href: '{next}' },
      { rel: 'describedby', href: '{schema}' },
    ],
  };
}

/** What a client that has only the address of this service asks for first. */
export function imageVersions(base: string): object {
  const links = [{ rel: 'self', href: `${base}/image/v2/` }];
  const versions = ['v2.9', 'v2.8', 'v2.7', 'v2.6', 'v2.5', 'v2.4', 'v2.3', 'v2.2', 'v2.1', 'v2.0'];
  return { versions: versions.map((id, index) => ({ id, status: index === 0 ? 'CURRENT' : 'SUPPORTED', links })) };
}
