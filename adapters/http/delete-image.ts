import type { Image } from '../../application/ports/image-service.ts';
import type { RequestContext } from '../../application/request-context.ts';
import type { ServerRow } from '../../application/views/servers-view.ts';
import type { Views } from '../../application/views/views.ts';
import { projectId, type ImageId } from '../../domain/shared/ids.ts';
import type { RouteDependencies } from './http-dependencies.ts';
import { allows } from './policy.ts';
import { CONFLICT } from './status-codes.ts';

export type ImageFault = { readonly status: number; readonly message: string };

/**
 * Deletes an image that the caller may see; null when it is gone. Order and words are Glance's. An
 * image that a server was made of is refused as Glance refuses one that its store needs: rebuilding and rescuing the
 * server, unshelving it and moving its layered disks all read the image again.
 */
export async function deleteImage(
  { images: { uploads }, views }: RouteDependencies,
  image: Image,
  context: RequestContext,
): Promise<ImageFault | null> {
  const { id, owner } = image;
  if (!mayDelete(context, owner)) {
    return { status: 403, message: 'You are not authorized to complete delete_image action.' };
  }
  if (uploads === null || (image.isProtected ?? true)) {
    return { status: 403, message: `Image ${id} is protected and cannot be deleted.` };
  }
  if (isInUse(views, id)) {
    const message = `Image ${id} could not be deleted because it is in use: there are servers made of it.`;
    return { status: CONFLICT, message };
  }
  const deleted = await uploads.delete(id);
  return deleted.outcome === 'succeeded' ? null : { status: 503, message: 'The image cannot be deleted at this time.' };
}

function mayDelete(context: RequestContext, owner: string | undefined): boolean {
  return context.isAdmin || (owner !== undefined && allows(context, 'delete_image', projectId(owner)));
}

function isInUse({ servers }: Views, id: ImageId): boolean {
  for (const server of servers.all()) {
    const isLeaving = server.existence !== 'present' || server.task?.task === 'delete';
    if (!isLeaving && imagesNeededBy(server).includes(id)) return true;
  }
  return false;
}

function imagesNeededBy({ images, rescue, shelved, task }: ServerRow): readonly (ImageId | null)[] {
  const boots = [images, rescue?.images, task?.task === 'rescue' ? task.images : null];
  const shelving = task?.task === 'shelve' ? task.image : null;
  return [
    ...boots.flatMap((boot) => (boot ? [boot.imageId, boot.kernelId, boot.ramdiskId] : [])),
    shelving?.imageId ?? null,
    shelved?.imageId ?? null,
  ];
}
