import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import { ViewStopped } from '../../application/views/view-stopped.ts';
import { computeRoutes } from './compute-routes.ts';
import { badRequest, fault, plain, type HttpAnswer } from './http-answer.ts';
import type { HttpDependencies } from './http-dependencies.ts';
import { registerIdentityRoutes } from './identity/register-identity-routes.ts';
import { registerImageRoutes } from './image-api/register-image-routes.ts';
import { malformedBody } from './json-body.ts';
import { microversionHeaders } from './microversion-header.ts';
import type { OtherRoute } from './openapi/openapi-document.ts';
import { registerOpenApiRoute } from './openapi/register-openapi-route.ts';
import { registerComputeRoutes } from './register-compute-routes.ts';
import { registerOperatorRoutes } from './operator-api/register-operator-routes.ts';
import { registerVersionRoutes } from './register-version-routes.ts';
import { newRequestId, writeRequestId } from './request-id.ts';
import { sendAnswer } from './send-answer.ts';

/** Nova's own bound (oslo.middleware). */
export const BODY_BYTES_MAX = 114_688;
const PATH_PARAMETER_CHARACTERS_MAX = 255;
/** How long a client may take to send a whole request. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than the pools of the known clients keep a connection, so that it is they who close an idle one. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;

/**
 * The Compute API on fastify, not yet listening. Whatever a request holds, it is answered; only `listen` and `close`
 * reject. Closing answers what has begun and says `Connection: close`, without which pooled clients would die.
 */
export function buildHttpServer(dependencies: HttpDependencies): FastifyInstance {
  const server = fastify({
    bodyLimit: BODY_BYTES_MAX,
    routerOptions: { maxParamLength: PATH_PARAMETER_CHARACTERS_MAX },
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    exposeHeadRoutes: false,
    requestIdHeader: false,
    genReqId: () => newRequestId(dependencies.ids),
    clientErrorHandler: answerUnreadableRequest,
    frameworkErrors: (_error, _request, reply) => void sendAnswer(reply, badRequest('Malformed request url')),
  });
  // Bodies are read as bytes: what is wrong with them is said in its turn, after the token and the microversion.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setErrorHandler<Error>((error, request, reply) => {
    writeRequestId(request, reply);
    // Whatever was negotiated: this is said by a layer that knows no versions.
    if (isTooLarge(error)) for (const name of Object.keys(microversionHeaders(''))) reply.removeHeader(name);
    return sendAnswer(reply, answerToError(error, request, dependencies));
  });
  const others: OtherRoute[] = [];
  server.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) others.push({ method: one, path: url });
  });
  const { identityService, options } = dependencies;
  if (identityService !== null) registerIdentityRoutes(server, dependencies, identityService);
  if (options.servesImages) registerImageRoutes(server, dependencies);
  registerOperatorRoutes(server, dependencies);
  registerVersionRoutes(server, dependencies);
  const routes = computeRoutes(dependencies);
  registerOpenApiRoute(server, routes, [...others]);
  registerComputeRoutes(server, dependencies, routes);
  return server;
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');
const isTooLarge = (error: Error): boolean => codeOf(error) === 'FST_ERR_CTP_BODY_TOO_LARGE';

function answerToError(error: Error, request: FastifyRequest, { reportError }: HttpDependencies): HttpAnswer {
  // Only what the framework itself throws has a code.
  const code = codeOf(error);
  if (isTooLarge(error)) return bodyTooLarge();
  // The other complaints of the framework are about a body it could not read to its end.
  if (code.startsWith('FST_ERR_CTP_')) return malformedBody();
  // Told once where it stopped, and by `lifeboat views`; not by every request that meets it.
  if (error instanceof ViewStopped)
    return fault(503, `The view ${error.view} cannot tell the present state at this time.`);
  reportError(request.id, error);
  if (error instanceof StoreUnavailable) return fault(503, 'The event store is not available at this time.');
  return fault(500, `Unexpected API Error. Tell the operator of the cloud the request id ${request.id}.`);
}

/** Said by the layer in front of Nova, and therefore not in its fault format. */
const bodyTooLarge = (): HttpAnswer =>
  plain(413, {
    message: `Request is too large. Larger than max_request_body_size (${BODY_BYTES_MAX}).<br /><br />\n\n\n`,
    code: '413 Request Entity Too Large',
    title: 'Request Entity Too Large',
  });

/** For bytes that are not HTTP, or that come too slowly: there is no request yet, only a connection to give up. */
function answerUnreadableRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({ badRequest: { code: 400, message: 'Malformed request' } });
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
