import { z } from 'zod';
import type { Image } from '../../application/ports/image-service.ts';
import { imageId } from '../../domain/shared/ids.ts';
import { isImageUuid } from './image-uuid.ts';
import type { ImageChecksum } from './verified-image-bytes.ts';

const PROPERTIES_MAX = 1024;

const STATUSES = [
  'active',
  'queued',
  'saving',
  'uploading',
  'importing',
  'deactivated',
  'deleted',
  'pending_delete',
  'killed',
] as const;

/** Glance has more words for the states in which data is not there yet, or no longer. */
const STATUS = {
  active: 'active',
  queued: 'queued',
  saving: 'saving',
  uploading: 'saving',
  importing: 'saving',
  deactivated: 'deactivated',
  deleted: 'deleted',
  pending_delete: 'deleted',
  killed: 'deleted',
} as const satisfies Record<(typeof STATUSES)[number], Image['status']>;

const hex = (length: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-fA-F]{${length}}$`))
    .transform((text) => text.toLowerCase());

/** The image object of the Image API v2. Free properties stand beside these keys, so unknown keys are kept. */
const glanceImageSchema = z.looseObject({
  id: z
    .string()
    .transform((text) => text.toLowerCase())
    .refine(isImageUuid, 'must be a UUID'),
  name: z.string().nullish(),
  status: z.enum(STATUSES),
  disk_format: z.enum(['raw', 'qcow2', 'iso', 'aki', 'ari', 'ami']),
  container_format: z.enum(['bare', 'aki', 'ari', 'ami']),
  size: z.int().nonnegative().nullish(),
  checksum: hex(32).nullish(),
  os_hash_algo: z.string().nullish(),
  os_hash_value: z.string().nullish(),
  min_disk: z.int().nonnegative().default(0),
  min_ram: z.int().nonnegative().default(0),
  visibility: z.enum(['public', 'private', 'shared', 'community']),
  created_at: z.string(),
  updated_at: z.string(),
});

type GlanceImageJson = z.infer<typeof glanceImageSchema>;

/** Keys of Glance's own schema that say nothing a server needs; what is left over is a free property. */
const OWN_KEYS: ReadonlySet<string> = new Set([
  ...Object.keys(glanceImageSchema.shape),
  'self',
  'file',
  'schema',
  'tags',
  'owner',
  'protected',
  'os_hidden',
  'virtual_size',
  'direct_url',
  'locations',
  'stores',
]);

export type GlanceImage = { readonly image: Image; readonly checksum: ImageChecksum | null };

export type ParsedGlanceImage =
  | { readonly parsed: true; readonly value: GlanceImage }
  /** Names the key that cannot be used. */
  | { readonly parsed: false; readonly reason: string };

export function parseGlanceImage(json: unknown): ParsedGlanceImage {
  const result = glanceImageSchema.safeParse(json);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'the object'}: ${issue.message}`);
    return { parsed: false, reason: problems.join('; ') };
  }
  const found = result.data;
  const checksum = strongestChecksum(found);
  const image: Image = {
    id: imageId(found.id),
    name: found.name ?? '',
    status: STATUS[found.status],
    diskFormat: found.disk_format,
    containerFormat: found.container_format,
    sizeBytes: found.size ?? 0,
    sha256: checksum?.algorithm === 'sha256' ? checksum.hex : null,
    minDiskGiB: found.min_disk,
    minRamMiB: found.min_ram,
    visibility: found.visibility,
    createdAt: found.created_at,
    updatedAt: found.updated_at,
    properties: freeProperties(found),
  };
  return { parsed: true, value: { image, checksum } };
}

/** Glance's multihash where its algorithm is one we check, else the old MD5, which still finds broken transfers. */
function strongestChecksum(found: GlanceImageJson): ImageChecksum | null {
  const value = found.os_hash_value?.toLowerCase() ?? '';
  if (found.os_hash_algo === 'sha512' && /^[0-9a-f]{128}$/.test(value)) return { algorithm: 'sha512', hex: value };
  if (found.os_hash_algo === 'sha256' && /^[0-9a-f]{64}$/.test(value)) return { algorithm: 'sha256', hex: value };
  return typeof found.checksum === 'string' ? { algorithm: 'md5', hex: found.checksum } : null;
}

function freeProperties(found: GlanceImageJson): Readonly<Record<string, string>> {
  const properties: [string, string][] = [];
  for (const [key, value] of Object.entries(found)) {
    if (OWN_KEYS.has(key) || typeof value !== 'string' || properties.length === PROPERTIES_MAX) continue;
    properties.push([key, value]);
  }
  return Object.fromEntries(properties);
}

const glancePageSchema = z.looseObject({ images: z.array(z.unknown()), next: z.string().optional() });

export type GlancePage = { readonly images: readonly unknown[]; readonly next: string | null };

export function parseGlancePage(json: unknown): GlancePage | null {
  const result = glancePageSchema.safeParse(json);
  return result.success ? { images: result.data.images, next: result.data.next ?? null } : null;
}
