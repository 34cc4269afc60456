import { z } from 'zod';

const name = z.string().regex(/^[a-zA-Z0-9._-]{1,255}$/, '1 to 255 letters, digits, dots, dashes and underscores');

/** A flavor of the configuration file. */
export const flavorConfigurationSchema = z.strictObject({
  id: name,
  name: z.string().min(1).max(255),
  vcpus: z.number().int().min(1).max(1024),
  ramMiB: z.number().int().min(1).max(16_777_216),
  diskGiB: z.number().int().min(0).max(1_048_576).describe('0: as large as the image.'),
  ephemeralGiB: z
    .number()
    .int()
    .min(0)
    .max(1_048_576)
    .describe('Of a second, empty disk. Left out: none.')
    .exactOptional(),
  swapMiB: z.number().int().min(0).max(16_777_216).describe('Of a disk to swap to. Left out: none.').exactOptional(),
  description: z.string().max(65_535).nullable().default(null),
  extraSpecs: z.record(z.string(), z.string()).default({}),
});
