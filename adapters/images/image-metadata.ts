import { z } from 'zod';
import type { Image } from '../../application/ports/image-service.ts';
import { imageId } from '../../domain/shared/ids.ts';
import { isImageUuid } from './image-uuid.ts';

export const METADATA_BYTES_MAX = 64 * 1024;
const TEXT_LENGTH_MAX = 255;
const PROPERTY_LENGTH_MAX = 16_384;

/** A `<uuid>.json` file, in the words of Glance's image API. `size` and the hash may be left out of a handwritten one. */
const metadataSchema = z.strictObject({
  id: z.string().refine(isImageUuid, 'must be a lower-case UUID'),
  name: z.string().max(TEXT_LENGTH_MAX),
  status: z.enum(['queued', 'saving', 'active', 'deactivated', 'deleted']).default('active'),
  disk_format: z.enum(['raw', 'qcow2', 'iso', 'aki', 'ari', 'ami']),
  container_format: z.enum(['bare', 'aki', 'ari', 'ami']),
  size: z.int().nonnegative().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
    .optional(),
  min_disk: z.int().nonnegative().default(0),
  min_ram: z.int().nonnegative().default(0),
  visibility: z.enum(['public', 'private', 'shared', 'community']).default('public'),
  owner: z.string().max(TEXT_LENGTH_MAX).optional(),
  protected: z.boolean().default(true),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  properties: z.record(z.string().max(TEXT_LENGTH_MAX), z.string().max(PROPERTY_LENGTH_MAX)).default({}),
});

export type ImageMetadata = z.infer<typeof metadataSchema>;

export type ParsedMetadata =
  | { readonly parsed: true; readonly metadata: ImageMetadata }
  /** Names the key that is wrong. */
  | { readonly parsed: false; readonly reason: string };

export function parseImageMetadata(text: string, expectedId: string): ParsedMetadata {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { parsed: false, reason: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const result = metadataSchema.safeParse(json);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'the object'}: ${issue.message}`);
    return { parsed: false, reason: problems.join('; ') };
  }
  if (result.data.id !== expectedId)
    return { parsed: false, reason: `id: is ${result.data.id}, but the file is named after another image` };
  return { parsed: true, metadata: result.data };
}

/** `dataBytes` is the size of the data file, null without one: then Glance's word is queued. */
export function imageOf(metadata: ImageMetadata, dataBytes: number | null): Image {
  return {
    id: imageId(metadata.id),
    name: metadata.name,
    status: dataBytes === null && metadata.status === 'active' ? 'queued' : metadata.status,
    diskFormat: metadata.disk_format,
    containerFormat: metadata.container_format,
    sizeBytes: metadata.size ?? dataBytes ?? 0,
    sha256: metadata.sha256 ?? null,
    minDiskGiB: metadata.min_disk,
    minRamMiB: metadata.min_ram,
    visibility: metadata.visibility,
    ...(metadata.owner === undefined ? {} : { owner: metadata.owner }),
    ...(metadata.protected ? {} : { isProtected: false }),
    createdAt: metadata.created_at,
    updatedAt: metadata.updated_at,
    properties: metadata.properties,
  };
}

export function metadataOf(image: Image): ImageMetadata {
  return {
    id: image.id,
    name: image.name,
    status: image.status,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    size: image.sizeBytes,
    ...(image.sha256 === null ? {} : { sha256: image.sha256 }),
    min_disk: image.minDiskGiB,
    min_ram: image.minRamMiB,
    visibility: image.visibility,
    ...(image.owner === undefined ? {} : { owner: image.owner }),
    protected: image.isProtected ?? true,
    created_at: image.createdAt,
    updated_at: image.updatedAt,
    properties: image.properties,
  };
}
