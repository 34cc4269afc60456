import type { FastifyRequest } from 'fastify';
import type { RequestContext } from '../../application/request-context.ts';
import { impossible } from '../../domain/shared/impossible.ts';
import { fault, plain, type HttpAnswer } from './http-answer.ts';
import type { HttpDependencies } from './http-dependencies.ts';
import { requestIdOf } from './request-id.ts';

export type Caller =
  | { readonly answer: 'known'; readonly context: RequestContext }
  | { readonly answer: 'refused'; readonly with: HttpAnswer };

/** The 401 is Keystone's and not in Nova's fault format (nova.md H.4). */
export async function authenticateRequest(
  { identity, reportError }: HttpDependencies,
  request: FastifyRequest,
): Promise<Caller> {
  const identified = await identity.authenticate(request.headers);
  switch (identified.answer) {
    case 'authenticated':
      return { answer: 'known', context: { ...identified.caller, requestId: requestIdOf(request) } };
    case 'unauthenticated':
      return { answer: 'refused', with: unauthorized(identified.challenge) };
    case 'unavailable':
      reportError(request.id, new Error(`the identity service did not answer: ${identified.reason}`));
      return { answer: 'refused', with: fault(503, 'The identity service is not available at this time.') };
    default:
      return impossible(identified, 'authenticateRequest');
  }
}

function unauthorized(challenge: string): HttpAnswer {
  const message = 'The request you have made requires authentication.';
  return plain(401, { error: { code: 401, title: 'Unauthorized', message } }, { 'www-authenticate': challenge });
}
