import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import { XML_CHARACTERS_MAX } from './xml-document.ts';

/** A definition that is kept as a file of the server's directory; null when there is none of that name. */
export async function readDefinitionFile(directory: InstanceDirectory, name: string): Promise<Outcome<string | null>> {
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded') return pool;
  const volume = pool.value === null ? succeeded(null) : await directory.volume(pool.value, name);
  if (volume.outcome !== 'succeeded' || volume.value === null)
    return volume.outcome === 'succeeded' ? succeeded(null) : volume;
  const bytes = await directory.download(volume.value);
  if (bytes.outcome !== 'succeeded') return bytes;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of bytes.value) {
      size += chunk.byteLength;
      if (size > XML_CHARACTERS_MAX) return failed(`${volume.value.key} is too large for a definition`);
      chunks.push(chunk);
    }
  } catch (error) {
    return failed(`${volume.value.key}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return succeeded(Buffer.concat(chunks).toString());
}
