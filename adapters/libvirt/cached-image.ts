import { createHash } from 'node:crypto';
import type { ImageId } from '../../domain/shared/ids.ts';
import type { VolumeFormat } from './volume-definition.ts';

/** The directory of a host's image cache, beside the servers' directories (Nova's layout). */
export const IMAGE_CACHE = '_base';

/** An image in a host's cache. */
export type CachedImage = {
  readonly path: string;
  readonly format: VolumeFormat;
  /** Of the disk that a guest sees. */
  readonly capacityBytes: number;
};

/** What an image is called in every host's cache, as with Nova: by its id alone. */
export function cachedName(imageId: ImageId): string {
  return createHash('sha1').update(imageId).digest('hex');
}

const CACHED_NAME = /^[0-9a-f]{40}$/;

/** Whether a file of the cache is an image, whole or not; and not what is noted about one. */
export const isCachedName = (fileName: string): boolean => CACHED_NAME.test(fileName);

/** The name in the cache of the file at this path of any host; null for a file that is in none. */
export function cachedNameOf(path: string): string | null {
  const parts = path.split('/');
  const name = parts.at(-1) ?? '';
  return parts.at(-2) === IMAGE_CACHE && isCachedName(name) ? name : null;
}
