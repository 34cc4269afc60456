import type { NewImage } from '../../application/ports/image-service.ts';
import type { Outcome } from '../../domain/shared/outcome.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { bootDisk } from './simulated-definition.ts';
import { filePath } from './simulated-host.ts';
import { cannotStat, guestOn, jobHeld, noSuchGuest, type SimulatedHostAccess } from './simulated-host-access.ts';
import type { SimulatedImageService } from './simulated-image-service.ts';

/** See GuestSnapshots.snapshot. */
export async function snapshot(
  access: SimulatedHostAccess,
  { uploads }: SimulatedImageService,
  instanceId: InstanceId,
  image: NewImage,
): Promise<Outcome<null>> {
  const guest = guestOn(access, instanceId);
  if (guest === null) return noSuchGuest(instanceId);
  if (guest.incoming || guest.outgoing !== null) return jobHeld();
  const file = bootDisk(guest.definition);
  const disk = access.host.directories.get(instanceId)?.files.get(file);
  if (disk === undefined) return cannotStat(filePath(instanceId, file));
  const reserved = await uploads.reserve(image);
  if (reserved.outcome !== 'succeeded') return reserved;
  const { content } = disk;
  const at = access.cloud.clock.now();
  return uploads.upload(image.id, { diskFormat: 'qcow2', sizeBytes: content.byteLength, bytes: whole(content), at });
}

async function* whole(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
