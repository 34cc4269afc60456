import { createHash } from 'node:crypto';

export type ImageChecksum = { readonly algorithm: 'sha512' | 'sha256' | 'md5'; readonly hex: string };

/** The data broke off, was longer than said, or has another hash: nothing read so far may be used. */
export class ImageDataError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'ImageDataError';
  }
}

/**
 * Passes the chunks on and throws `ImageDataError` at the first byte too many, at an end that comes early, or at the
 * end for a wrong hash. `checksum` is null when nobody knows it; then only the size is checked.
 */
export async function* verifiedImageBytes(
  bytes: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  checksum: ImageChecksum | null,
): AsyncGenerator<Uint8Array> {
  const hash = checksum === null ? null : createHash(checksum.algorithm);
  let seenBytes = 0;
  for await (const chunk of bytes) {
    seenBytes += chunk.byteLength;
    if (seenBytes > sizeBytes)
      throw new ImageDataError(`the image data is longer than the ${sizeBytes} bytes announced`);
    hash?.update(chunk);
    yield chunk;
  }
  if (seenBytes < sizeBytes) throw new ImageDataError(`the image data ended after ${seenBytes} of ${sizeBytes} bytes`);
  const actual = hash?.digest('hex') ?? null;
  if (checksum !== null && actual !== checksum.hex)
    throw new ImageDataError(`the image data has ${checksum.algorithm} ${actual}, not the recorded ${checksum.hex}`);
}
