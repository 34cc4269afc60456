import type { MigrationDescription } from '../../application/ports/hypervisor-driver.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { readDefinitionFile } from './definition-file.ts';
import { FILES } from './guest-definition.ts';
import { placeOn } from './guest-place.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { writeFile } from './local-disks.ts';
import { markerName } from './migration-marker.ts';
import { placeDefinition } from './place-definition.ts';

/**
 * In a directory that both hosts have `unrescue.xml` is the source's until the guest has arrived. What it has to be from
 * then on is written beside it, while the migration can still be taken back (ADR 0023). Nothing for a server that is not
 * rescued.
 */
export async function stageDefinition(host: LibvirtHost, description: MigrationDescription): Promise<Outcome<null>> {
  const { guest, original, migrationId } = description;
  if (original === null) return succeeded(null);
  const place = placeOn(host.options, guest);
  if (place.outcome !== 'succeeded') return place;
  const placed = placeDefinition(original.definition, place.value);
  if (placed.outcome !== 'succeeded') return placed;
  return writeDefinition(host, description, markerName('definition', migrationId), placed.value);
}

/**
 * The guest is here: what was staged becomes `unrescue.xml`. libvirt cannot rename, so the old file goes, the new one
 * comes and is read back, and only then does the staged one go: whenever this breaks off, a repeat finds it. Succeeds
 * when nothing is staged.
 */
export async function switchDefinition(host: LibvirtHost, description: MigrationDescription): Promise<Outcome<null>> {
  const { guest, migrationId } = description;
  const directory = host.directory(guest.instanceId);
  const staged = await readDefinitionFile(directory, markerName('definition', migrationId));
  if (staged.outcome !== 'succeeded') return staged;
  if (staged.value === null) return succeeded(null);
  const written = await writeDefinition(host, description, FILES.originalDefinition, staged.value);
  if (written.outcome !== 'succeeded') return written;
  const found = await readDefinitionFile(directory, FILES.originalDefinition);
  if (found.outcome !== 'succeeded') return found;
  return found.value === staged.value
    ? succeeded(null)
    : failed(`${directory.path}/${FILES.originalDefinition} is not what was written there`);
}

async function writeDefinition(
  host: LibvirtHost,
  { guest }: MigrationDescription,
  name: string,
  definition: string,
): Promise<Outcome<null>> {
  const directory = host.directory(guest.instanceId);
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded') return pool;
  if (pool.value === null) return failed(`${directory.path} does not exist`);
  const content = Buffer.from(definition);
  return writeFile({ directory, pool: pool.value }, { name, capacityBytes: content.length, content });
}
