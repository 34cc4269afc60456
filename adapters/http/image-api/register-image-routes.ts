import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import type { Image } from '../../../application/ports/image-service.ts';
import type { RequestContext } from '../../../application/request-context.ts';
import { imageId } from '../../../domain/shared/ids.ts';
import { authenticateRequest } from '../authenticate-request.ts';
import { deleteImage } from '../delete-image.ts';
import { ok, plain } from '../http-answer.ts';
import type { HttpDependencies } from '../http-dependencies.ts';
import { linkBaseOf, queryOf } from '../request-url.ts';
import { writeRequestId } from '../request-id.ts';
import { UUID } from '../schemas/json-schema-types.ts';
import { sendAnswer } from '../send-answer.ts';
import { isVisibleImage } from '../visible-image.ts';
import { imageDocument, imageSchema, imagesSchema, imageVersions } from './image-document.ts';
import { imagePage } from './image-query.ts';
import { sendImageFault } from './image-fault.ts';

type Answering = (request: FastifyRequest, reply: FastifyReply, context: RequestContext) => Promise<FastifyReply>;

/** The reading half of Glance's API v2, at `/image` of this server, and the deletion of images. */
export function registerImageRoutes(server: FastifyInstance, dependencies: HttpDependencies): void {
  const { options } = dependencies;
  const withCaller = (answering: Answering) => async (request: FastifyRequest, reply: FastifyReply) => {
    writeRequestId(request, reply);
    const caller = await authenticateRequest(dependencies, request);
    return caller.answer === 'refused' ? sendAnswer(reply, caller.with) : answering(request, reply, caller.context);
  };
  for (const [path, status] of [
    ['/image', 300],
    ['/image/', 300],
    ['/image/versions', 200],
  ] as const) {
    server.get(path, (request, reply) => sendAnswer(reply, plain(status, imageVersions(linkBaseOf(request, options)))));
  }
  server.get(
    '/image/v2/images',
    withCaller((request, reply, context) => listImages(dependencies, request, reply, context)),
  );
  server.get(
    '/image/v2/images/:id',
    withCaller(async (request, reply, context) => {
      const image = await imageFor(dependencies, request, reply, context);
      return image === null ? reply : sendAnswer(reply, ok(imageDocument(image)));
    }),
  );
  server.delete(
    '/image/v2/images/:id',
    withCaller(async (request, reply, context) => {
      const image = await imageFor(dependencies, request, reply, context);
      if (image === null) return reply;
      const fault = await deleteImage(dependencies, image, context);
      return fault === null ? reply.code(204).send() : sendImageFault(reply, fault.status, fault.message);
    }),
  );
  server.get(
    '/image/v2/images/:id/file',
    withCaller((request, reply, context) => sendData(dependencies, request, reply, context)),
  );
  server.get(
    '/image/v2/images/:id/members',
    withCaller(async (request, reply, context) => {
      const image = await imageFor(dependencies, request, reply, context);
      return image === null ? reply : sendAnswer(reply, ok({ members: [], schema: '/v2/schemas/members' }));
    }),
  );
  server.get(
    '/image/v2/schemas/image',
    withCaller(async (_request, reply) => sendAnswer(reply, ok(imageSchema()))),
  );
  server.get(
    '/image/v2/schemas/images',
    withCaller(async (_request, reply) => sendAnswer(reply, ok(imagesSchema()))),
  );
  server.all(
    '/image/*',
    withCaller(async ({ method }, reply) =>
      method === 'GET' || method === 'HEAD'
        ? sendImageFault(reply, 404, 'The resource could not be found.')
        : sendImageFault(
            reply,
            403,
            'The images of this cloud are in a directory: here they can only be read, and deleted.',
          ),
    ),
  );
}

async function listImages(
  { images }: HttpDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  context: RequestContext,
): Promise<FastifyReply> {
  const listed = await images.list();
  if (listed.answer !== 'found') return sendImageFault(reply, 503, 'The images cannot be read at this time.');
  const query = queryOf(request);
  const page = imagePage(
    listed.value.filter((image) => isVisibleImage(image, context)),
    query,
  );
  if (page.answer === 'wrong') return sendImageFault(reply, 400, page.message);
  const withoutMarker = new URLSearchParams(query);
  withoutMarker.delete('marker');
  const first = withoutMarker.toString();
  const next = new URLSearchParams(withoutMarker);
  if (page.next !== null) next.set('marker', page.next);
  return sendAnswer(
    reply,
    ok({
      images: page.images.map(imageDocument),
      first: first === '' ? '/v2/images' : `/v2/images?${first}`,
      ...(page.next === null ? {} : { next: `/v2/images?${next.toString()}` }),
      schema: '/v2/schemas/images',
    }),
  );
}

async function sendData(
  dependencies: HttpDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  context: RequestContext,
): Promise<FastifyReply> {
  const image = await imageFor(dependencies, request, reply, context);
  if (image === null) return reply;
  if (image.status === 'deactivated' && !context.isAdmin) {
    return sendImageFault(reply, 403, 'The requested image has been deactivated. Image data download is forbidden.');
  }
  if (image.status !== 'active') return reply.code(204).send();
  const opened = await dependencies.images.fetch(image.id);
  if (opened.answer !== 'found') return sendImageFault(reply, 503, 'The image cannot be read at this time.');
  const { sizeBytes, bytes } = opened.value;
  return reply
    .header('content-type', 'application/octet-stream')
    .header('content-length', sizeBytes)
    .send(Readable.from(bytes));
}

/** Null when the answer has been sent: there is no such image for this caller. */
async function imageFor(
  { images }: HttpDependencies,
  { method, params }: FastifyRequest,
  reply: FastifyReply,
  context: RequestContext,
): Promise<Image | null> {
  const id = typeof params === 'object' && params !== null ? String(Reflect.get(params, 'id')) : '';
  const shown = UUID.test(id) ? await images.show(imageId(id.toLowerCase())) : ({ answer: 'imageNotFound' } as const);
  if (shown.answer === 'found' && isVisibleImage(shown.value, context)) return shown.value;
  if (shown.answer === 'failed') sendImageFault(reply, 503, 'The images cannot be read at this time.');
  else sendImageFault(reply, 404, `Failed to find image ${id}${method === 'DELETE' ? ' to delete' : ''}`);
  return null;
}
