import type { SnapshotImage } from '../domain/instance/boot-images.ts';
import type { PresentInstance } from '../domain/instance/instance-state.ts';
import type { Instant } from '../domain/shared/ids.ts';
import type { NewImage } from './ports/image-service.ts';

/** The image of a server, as Nova describes what it makes of one. */
export function snapshotImage(
  { instanceId, owner, flavor, images }: PresentInstance,
  { imageId, name, minRamMiB, properties }: SnapshotImage,
  at: Instant,
): NewImage {
  const made = {
    image_type: 'snapshot',
    image_location: 'snapshot',
    image_state: 'available',
    instance_uuid: instanceId,
    base_image_ref: images.imageId,
    owner_id: owner.projectId,
  };
  return {
    id: imageId,
    name,
    owner: owner.projectId,
    minDiskGiB: flavor.diskGiB,
    minRamMiB,
    properties: { ...made, ...properties },
    at,
  };
}
