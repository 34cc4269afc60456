import type { ImageId, InstanceId } from '../../domain/shared/ids.ts';
import type { Outcome } from '../../domain/shared/outcome.ts';
import type { NewImage } from './image-service.ts';

/** Makes images of guests. */
export interface GuestSnapshots {
  /**
   * The boot disk as it is at one moment becomes an image of the image service, whole and without a file behind it. The
   * guest goes on as it was; what it had not written by that moment is not in the image, as after a power cut.
   */
  snapshot(instanceId: InstanceId, image: NewImage): Promise<Outcome<null>>;
  /** Succeeds when there is no such image. */
  discardSnapshot(imageId: ImageId): Promise<Outcome<null>>;
}
