import type { ArtifactTransfer, StoredArtifact } from '../../application/ports/artifact-transfer.ts';
import type { Outcome } from '../../domain/shared/outcome.ts';

/** Writes a file and reads it back, as staging does; what was sent, once the host is known to have it. */
export async function storeArtifact(
  transfer: ArtifactTransfer,
  ...file: Parameters<ArtifactTransfer['write']>
): Promise<Outcome<StoredArtifact>> {
  const written = await transfer.write(...file);
  if (written.outcome !== 'succeeded') return written;
  const [host, instanceId, name] = file;
  const read = await transfer.readBack(host, instanceId, name, written.value);
  return read.outcome === 'succeeded' ? written : read;
}
