import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { RequestContext } from '../../../application/request-context.ts';
import type { ViewOperation, ViewRefusal } from '../../../application/views-api.ts';
import { authenticateRequest } from '../authenticate-request.ts';
import { accepted, badRequest, fault, notFound, ok, plain, type HttpAnswer } from '../http-answer.ts';
import type { HttpDependencies } from '../http-dependencies.ts';
import { readJsonBody } from '../json-body.ts';
import { writeRequestId } from '../request-id.ts';
import { validate } from '../schemas/validate.ts';
import { sendAnswer } from '../send-answer.ts';
import { CONFLICT } from '../status-codes.ts';

const operationSchema = z.union([
  z.strictObject({ retry: z.null() }).transform((): ViewOperation => ({ operation: 'retry' })),
  z.strictObject({ rebuild: z.null() }).transform((): ViewOperation => ({ operation: 'rebuild' })),
  z
    .strictObject({ skip: z.strictObject({ eventId: z.string().min(1).max(100) }) })
    .transform(({ skip }): ViewOperation => ({ operation: 'skip', eventId: skip.eventId })),
]);

/**
 * What the operators of this program ask of it, beside the Compute API: whether it is well (everybody may ask), how far
 * its views are, and how one that stands still goes on (administrators).
 */
export function registerOperatorRoutes(server: FastifyInstance, dependencies: HttpDependencies): void {
  const { computeApi, views } = dependencies;
  server.get('/healthz', (_request, reply) => sendAnswer(reply, health(views)));
  const forAdministrators =
    (answer: (context: RequestContext, request: FastifyRequest) => Promise<HttpAnswer>) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      writeRequestId(request, reply);
      const caller = await authenticateRequest(dependencies, request);
      if (caller.answer === 'refused') return sendAnswer(reply, caller.with);
      if (!caller.context.isAdmin) return sendAnswer(reply, fault(403, 'Only administrators may look at the views.'));
      return sendAnswer(reply, await answer(caller.context, request));
    };
  server.get(
    '/lifeboat/views',
    forAdministrators(async () => ok({ views: await computeApi.views.list() })),
  );
  server.post<{ Params: { view: string } }>(
    '/lifeboat/views/:view/action',
    forAdministrators(async (context, request) => {
      const read = readJsonBody(request.body, request.headers['content-type']);
      if (read.answer === 'refused') return read.with;
      const operation = validate(operationSchema, read.value);
      if (!operation.valid)
        return badRequest('Expected {"retry": null}, {"rebuild": null} or {"skip": {"eventId": …}}');
      const { view } = z.object({ view: z.string() }).parse(request.params);
      const refusal = await computeApi.views.operate(context, view, operation.value);
      return refusal === null ? accepted() : refused(view, refusal);
    }),
  );
}

/** 200 as long as requests are answered: a view that stands still here stands still everywhere, and others go on. */
function health(views: HttpDependencies['views']): HttpAnswer {
  if (views.failure !== null) return plain(503, { status: 'failed' });
  const stopped = views.status().flatMap(({ name, state }) => (state === 'following' ? [] : [name]));
  return ok({ status: stopped.length === 0 ? 'ok' : 'degraded', viewsNotFollowing: stopped });
}

function refused(view: string, refusal: ViewRefusal): HttpAnswer {
  switch (refusal.reason) {
    case 'ViewUnknown':
      return notFound(`There is no view ${view}.`);
    case 'ViewNotStopped':
      return fault(CONFLICT, `The view ${view} does not stand still.`);
    case 'ViewStoppedElsewhere':
      return fault(CONFLICT, `The view ${view} stands still at another event, ${refusal.eventId}.`);
    case 'TooManyConflicts':
      return fault(CONFLICT, `The view ${view} is being operated by others; try again.`);
  }
}
