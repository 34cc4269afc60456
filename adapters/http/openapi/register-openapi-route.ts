import type { FastifyInstance } from 'fastify';
import type { ComputeRoute } from '../compute-route.ts';
import { ok } from '../http-answer.ts';
import { sendAnswer } from '../send-answer.ts';
import { openApiDocument, type OtherRoute } from './openapi-document.ts';

const PATH = '/openapi.json';

/** Serves the description, to everybody as the version documents: it tells nothing about this cloud. */
export function registerOpenApiRoute(
  server: FastifyInstance,
  routes: readonly ComputeRoute[],
  others: readonly OtherRoute[],
): void {
  let document: Buffer | null = null;
  server.get(PATH, (_request, reply) => {
    // Not before somebody asks: two thousand schemas are looked at.
    document ??= Buffer.from(
      JSON.stringify(openApiDocument(routes, [...others, { method: 'GET', path: PATH }].filter(isDescribable))),
    );
    return sendAnswer(reply, ok(document));
  });
}

/** What is registered for all methods or all paths is there to refuse. */
const isDescribable = ({ method, path }: OtherRoute): boolean =>
  path !== '' && !path.includes('*') && METHODS.includes(method);

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
