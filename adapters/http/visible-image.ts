import type { Image } from '../../application/ports/image-service.ts';
import type { RequestContext } from '../../application/request-context.ts';

/** Where nobody knows the owner of a private or shared image, only administrators learn that there is one. */
export function isVisibleImage({ visibility, owner }: Image, { isAdmin, projectId }: RequestContext): boolean {
  return isAdmin || visibility === 'public' || visibility === 'community' || owner === projectId;
}
