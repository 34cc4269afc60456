import type { Image, ImageAnswer } from '../../../application/ports/image-service.ts';
import { imageId } from '../../../domain/shared/ids.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { deleteImage } from '../delete-image.ts';
import { badRequest, fault, noContent, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { nextLink } from '../links.ts';
import { pageOf } from '../page.ts';
import { refuseQuery } from '../query-rules.ts';
import { isVisibleImage } from '../visible-image.ts';
import { imageDetail, imageSummary } from '../representations/image.ts';
import { UUID } from '../schemas/json-schema-types.ts';
import { CONFLICT } from '../status-codes.ts';

/** 2.36 took the image routes out of the Compute API; clients without an image service of their own use them still. */
const UNTIL = 35;

export function imageRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('GET', '/images', (request) => listImages(dependencies, request, 'images'), { until: UNTIL }),
    route('GET', '/images/detail', (request) => listImages(dependencies, request, 'images/detail'), { until: UNTIL }),
    route('GET', '/images/:id', (request) => showImage(dependencies, request), { until: UNTIL }),
    route('DELETE', '/images/:id', (request) => removeImage(dependencies, request), { until: UNTIL }),
  ];
}

async function listImages(
  { images }: RouteDependencies,
  { query, links, microversion, context }: ComputeRequest,
  path: 'images' | 'images/detail',
): Promise<HttpAnswer> {
  const wrong = refuseQuery(query, { known: ['limit', 'marker'], strictSince: UNTIL + 1 }, microversion);
  if (wrong !== null) return wrong;
  const listed = await images.list();
  if (listed.answer !== 'found') return notShown(listed);
  const name = query.get('name');
  const named = listed.value.filter(
    (image) => isVisibleImage(image, context) && (name === null || image.name === name),
  );
  const page = pageOf(named, query, ({ id }) => id);
  if (page.answer === 'markerNotFound') return badRequest(`marker [${page.marker}] not found`);
  const representation = path === 'images' ? imageSummary : imageDetail;
  return ok({
    images: page.rows.map((image) => representation(image, links)),
    ...(page.next !== null && query.has('limit') ? { images_links: nextLink(links, path, query, page.next) } : {}),
  });
}

async function showImage(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const shown = await visibleImage(dependencies, request);
  return shown.answer === 'found' ? ok({ image: imageDetail(shown.value, request.links) }) : notShown(shown);
}

async function removeImage(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const shown = await visibleImage(dependencies, request);
  if (shown.answer !== 'found') return notShown(shown);
  const refused = await deleteImage(dependencies, shown.value, request.context);
  if (refused === null) return noContent();
  const { status, message } = refused;
  if (status === 403) return fault(status, 'You are not allowed to delete the image.');
  return fault(status, status === CONFLICT ? `Conflict deleting image. Reason: ${message}` : message);
}

async function visibleImage({ images }: RouteDependencies, request: ComputeRequest): Promise<ImageAnswer<Image>> {
  const id = parameter(request, 'id');
  if (!UUID.test(id)) return { answer: 'imageNotFound' };
  const shown = await images.show(imageId(id.toLowerCase()));
  const isHidden = shown.answer === 'found' && !isVisibleImage(shown.value, request.context);
  return isHidden ? { answer: 'imageNotFound' } : shown;
}

const imageNotFound = (): HttpAnswer => notFound('Image not found.');

const notShown = ({ answer }: Exclude<ImageAnswer<unknown>, { answer: 'found' }>): HttpAnswer =>
  answer === 'imageNotFound' ? imageNotFound() : fault(503, 'The image service is not available at this time.');
