import { createHash, type Hash } from 'node:crypto';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { PoolVolumes } from './pool-volumes.ts';
import type { RemoteStorageVolume } from './rpc/remote-objects.ts';

/** The whole length of a volume, holes counted as zeros, and the SHA-256 of it in hex. */
export type VolumeDigest = { readonly bytes: number; readonly sha256: string };

/** Reads a volume to its end; `failed` when the transfer breaks off, because a part proves nothing of the whole. */
export async function volumeDigest(volumes: PoolVolumes, volume: RemoteStorageVolume): Promise<Outcome<VolumeDigest>> {
  const opened = await volumes.download(volume);
  if (opened.outcome !== 'succeeded') return opened;
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of opened.value) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    return failed(`${volume.key} could not be read back: ${error instanceof Error ? error.message : String(error)}`);
  }
  return succeeded({ bytes, sha256: hash.digest('hex') });
}

/** Passes chunks on and feeds them to `hash`, which is complete once the iteration has ended. */
export async function* hashed(bytes: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}
