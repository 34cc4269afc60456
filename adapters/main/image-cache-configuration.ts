import { z } from 'zod';
import type { ImageCacheOptions } from '../libvirt/libvirt-host-options.ts';

const MS_PER_SECOND = 1000;
const DAY_SECONDS = 86_400;
const YEAR_SECONDS = 31_536_000;

/** Of one host. */
export const imageCacheSchema = z
  .strictObject({
    forceRaw: z
      .boolean()
      .default(true)
      .describe('Whether a cached image is made raw, as with Nova’s `force_raw_images`; otherwise it stays as it is.'),
    removeUnusedAfterSeconds: z
      .number()
      .min(0)
      .max(YEAR_SECONDS)
      .nullable()
      .default(DAY_SECONDS)
      .describe('An image that no disk was layered on for so long is removed; `null`: never.'),
    lookEverySeconds: z
      .number()
      .min(0.1)
      .max(DAY_SECONDS)
      .default(2400)
      .describe('Between two looks at which images are used.'),
  })
  .nullable()
  .default(null)
  .describe(
    'With `{}`, root and rescue disks of new servers are layered (qcow2) on one copy of their image in `INSTANCES_PATH/_base`; ' +
      '`null`: each is a whole copy.',
  );

/** For the driver. */
export function imageCacheOptions(configured: z.infer<typeof imageCacheSchema>): ImageCacheOptions | null {
  if (configured === null) return null;
  const { forceRaw, removeUnusedAfterSeconds: seconds, lookEverySeconds } = configured;
  return {
    forceRaw,
    removeUnusedAfterMs: seconds === null ? null : seconds * MS_PER_SECOND,
    lookEveryMs: lookEverySeconds * MS_PER_SECOND,
  };
}
