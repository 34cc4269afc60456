import type { SnapshotDescription } from '../../application/ports/hypervisor-driver.ts';
import type { Image } from '../../application/ports/image-service.ts';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { bootDisk } from './simulated-definition.ts';
import { stop } from './simulated-guest-lifecycle.ts';
import { filePath } from './simulated-host.ts';
import { cannotStat, guestOn, jobHeld, noSuchGuest, type SimulatedHostAccess } from './simulated-host-access.ts';
import type { SimulatedImageService } from './simulated-image-service.ts';

/** Switches the guest off and makes a private image of its boot disk; one of that id is replaced. */
export function snapshot(
  access: SimulatedHostAccess,
  images: SimulatedImageService,
  instanceId: InstanceId,
  { imageId, name, owner }: SnapshotDescription,
): Outcome<null> {
  const guest = guestOn(access, instanceId);
  if (guest === null) return noSuchGuest(instanceId);
  if (guest.incoming || guest.outgoing !== null) return jobHeld();
  stop(access, instanceId);
  const file = bootDisk(guest.definition);
  const disk = access.host.directories.get(instanceId)?.files.get(file);
  if (disk === undefined) return cannotStat(filePath(instanceId, file));
  const now = access.cloud.clock.now();
  const image: Image = {
    id: imageId,
    name,
    status: 'active',
    diskFormat: 'qcow2',
    containerFormat: 'bare',
    sizeBytes: disk.content.byteLength,
    sha256: null,
    minDiskGiB: 0,
    minRamMiB: 0,
    visibility: 'private',
    owner,
    createdAt: now,
    updatedAt: now,
    properties: { image_type: 'snapshot', instance_uuid: instanceId },
  };
  images.put(image, disk.content);
  return succeeded(null);
}
