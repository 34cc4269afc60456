import type { Image } from '../../application/ports/image-service.ts';
import type { RequestContext } from '../../application/request-context.ts';

/** The owner of a private or shared image is not known here, so only administrators learn that there is one. */
export function isVisibleImage({ visibility }: Image, { isAdmin }: RequestContext): boolean {
  return isAdmin || visibility === 'public' || visibility === 'community';
}
