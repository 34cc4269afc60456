import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { noContent, ok, plain, type HttpAnswer } from '../http-answer.ts';
import type { HttpDependencies } from '../http-dependencies.ts';
import { readJsonBody } from '../json-body.ts';
import { writeRequestId } from '../request-id.ts';
import { linkBaseOf } from '../request-url.ts';
import { sendAnswer } from '../send-answer.ts';
import { identityVersion, tokenDocument } from './identity-documents.ts';
import { identityFault, unauthenticated } from './identity-fault.ts';
import { IDENTITY_COLLECTIONS, readCollection, readMember } from './identity-collections.ts';
import type { IdentityService, TokenFacts } from './identity-service.ts';
import { isAdministrator } from './token-owner.ts';
import { parseTokenRequest } from './token-request-body.ts';

type Answering = (request: FastifyRequest, base: string) => HttpAnswer | Promise<HttpAnswer>;

/** The reading half of Keystone's API, and tokens, at `/v3` of this server. Nothing else of it can be changed here. */
export function registerIdentityRoutes(
  server: FastifyInstance,
  { options }: HttpDependencies,
  service: IdentityService,
): void {
  const answered = (answering: Answering) => async (request: FastifyRequest, reply: FastifyReply) => {
    writeRequestId(request, reply);
    reply.header('vary', 'X-Auth-Token');
    return sendAnswer(reply, await answering(request, linkBaseOf(request, options)));
  };
  const version = answered((_request, base) => ok(identityVersion(base)));
  server.get('/v3', version);
  server.get('/v3/', version);
  server.post(
    '/v3/auth/tokens',
    answered((request, base) => issueToken(service, request, base)),
  );
  server.get(
    '/v3/auth/tokens',
    answered((request, base) => showToken(service, request, base)),
  );
  server.head(
    '/v3/auth/tokens',
    answered((request, base) => showToken(service, request, base)),
  );
  server.delete(
    '/v3/auth/tokens',
    answered((request, base) => revokeToken(service, request, base)),
  );
  for (const name of IDENTITY_COLLECTIONS) {
    const list: Answering = (request, base) =>
      withCaller(service, request, base, (caller) => readCollection(name, { service, caller, request, base }));
    const show: Answering = (request, base) =>
      withCaller(service, request, base, (caller) => readMember(name, { service, caller, request, base }));
    server.get(`/v3/${name}`, answered(list));
    if (!name.includes('/') && name !== 'role_assignments') server.get(`/v3/${name}/:id`, answered(show));
  }
  server.all(
    '/v3/*',
    answered((request, base) => withCaller(service, request, base, () => nothingThere(request))),
  );
}

async function issueToken(service: IdentityService, request: FastifyRequest, base: string): Promise<HttpAnswer> {
  const body = readJsonBody(request.body, request.headers['content-type']);
  if (body.answer === 'refused') return identityFault(400, 'Expecting to find valid JSON in request body.');
  const parsed = parseTokenRequest(body.value);
  if (parsed.answer === 'malformed') return identityFault(400, parsed.reason);
  if (parsed.answer === 'refused') return unauthenticated(base);
  const issued = await service.issue({ ...parsed.request, address: request.ip });
  if (issued.answer === 'refused') return unauthenticated(base);
  if (issued.answer === 'tooMany') {
    const headers = { 'retry-after': String(issued.retryAfterSeconds) };
    return identityFault(429, 'There were too many attempts. Wait before you try again.', headers);
  }
  return plain(201, tokenDocument(issued.facts, service, base), { 'x-subject-token': issued.token });
}

function showToken(service: IdentityService, request: FastifyRequest, base: string): HttpAnswer {
  return withSubject(service, request, base, (token, facts) =>
    plain(200, tokenDocument(facts, service, base), { 'x-subject-token': token }),
  );
}

function revokeToken(service: IdentityService, request: FastifyRequest, base: string): HttpAnswer {
  return withSubject(service, request, base, (token) => {
    service.revoke(token);
    return noContent();
  });
}

/** About a token may ask who has it, and an administrator. */
function withSubject(
  service: IdentityService,
  request: FastifyRequest,
  base: string,
  answering: (token: string, facts: TokenFacts) => HttpAnswer,
): HttpAnswer {
  return withCaller(service, request, base, (caller) => {
    const token = headerOf(request, 'x-subject-token');
    const facts = token === null ? null : service.token(token);
    if (token === null || facts === null) return identityFault(404, 'Could not find token.');
    const isOwn = facts.user.id === caller.user.id;
    if (isOwn || isAdministrator(caller)) return answering(token, facts);
    return identityFault(403, 'You are not authorized to perform the requested action: identity:validate_token.');
  });
}

function withCaller(
  service: IdentityService,
  request: FastifyRequest,
  base: string,
  answering: (caller: TokenFacts) => HttpAnswer,
): HttpAnswer {
  const token = headerOf(request, 'x-auth-token');
  const caller = token === null ? null : service.token(token);
  return caller === null ? unauthenticated(base) : answering(caller);
}

function nothingThere({ method }: FastifyRequest): HttpAnswer {
  return method === 'GET' || method === 'HEAD'
    ? identityFault(404, 'The resource could not be found.')
    : identityFault(403, 'The users and projects of this cloud are in a file, and cannot be changed here.');
}

function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}
