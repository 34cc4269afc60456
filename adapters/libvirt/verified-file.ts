import { createHash } from 'node:crypto';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { PoolVolumes } from './pool-volumes.ts';
import type { RemoteStoragePool } from './rpc/remote-objects.ts';
import { hashed, volumeDigest } from './volume-digest.ts';

export type FileContent = {
  readonly name: string;
  readonly sizeBytes: number;
  readonly bytes: AsyncIterable<Uint8Array>;
};

/**
 * Writes a file and reads it back: a broken upload leaves a file of full size, so that only what is read back counts.
 * Replaces a file of that name; one that is not as it was sent is left behind and never said to have succeeded.
 */
export async function writeVerified(
  volumes: PoolVolumes,
  pool: RemoteStoragePool,
  { name, sizeBytes, bytes }: FileContent,
): Promise<Outcome<null>> {
  const volume = await volumes.create(pool, { name, format: 'raw', capacityBytes: sizeBytes });
  if (volume.outcome !== 'succeeded') return volume;
  const sent = createHash('sha256');
  const written = await volumes.upload(volume.value, sizeBytes, hashed(bytes, sent));
  if (written.outcome !== 'succeeded') return written;
  const found = await volumeDigest(volumes, volume.value);
  if (found.outcome !== 'succeeded') return found;
  const [expected, actual] = [sent.digest('hex'), found.value.sha256];
  return actual === expected
    ? succeeded(null)
    : failed(`${volume.value.key} has SHA-256 ${actual}, expected was ${expected}`);
}
