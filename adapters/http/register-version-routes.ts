import type { FastifyInstance } from 'fastify';
import { authenticateRequest } from './authenticate-request.ts';
import { ok, plain, unknownRoute } from './http-answer.ts';
import type { HttpDependencies } from './http-dependencies.ts';
import { admitMicroversion } from './admit-microversion.ts';
import { writeRequestId } from './request-id.ts';
import { linkBaseOf, pathOf } from './request-url.ts';
import { sendAnswer } from './send-answer.ts';
import { V2_0, V2_1, versionChoices, versionDocument, versionsDocument } from './version-documents.ts';

/** The documents that nobody needs a token for (nova.md A.4), and the answers for every path that is no route. */
export function registerVersionRoutes(server: FastifyInstance, dependencies: HttpDependencies): void {
  const { options } = dependencies;
  server.all('/', (request, reply) => sendAnswer(reply, ok(versionsDocument(linkBaseOf(request, options)))));
  for (const path of ['/v2', '/v2/']) {
    server.get(path, (request, reply) => {
      writeRequestId(request, reply);
      return sendAnswer(reply, ok(versionDocument(V2_0, linkBaseOf(request, options))));
    });
  }
  for (const path of ['/v2.1', '/v2.1/']) {
    server.get(path, (request, reply) => {
      writeRequestId(request, reply);
      const negotiated = admitMicroversion(request, reply);
      return sendAnswer(
        reply,
        negotiated.answer === 'refused' ? negotiated.with : ok(versionDocument(V2_1, linkBaseOf(request, options))),
      );
    });
  }
  server.setNotFoundHandler(async (request, reply) => {
    const path = pathOf(request);
    if (!/^\/v2(?:\.1)?(?:\/|$)/.test(path)) {
      return sendAnswer(reply, plain(300, versionChoices(linkBaseOf(request, options), path)));
    }
    writeRequestId(request, reply);
    // Who has no token must not learn which routes there are.
    const caller = await authenticateRequest(dependencies, request);
    return sendAnswer(reply, caller.answer === 'refused' ? caller.with : unknownRoute());
  });
}
