import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestContext } from '../../application/request-context.ts';
import { MINIMUM_MICROVERSION, type Microversion } from '../../domain/service-version/microversion.ts';
import type { ViewName } from '../../application/views/view-set.ts';
import type { Links } from './links.ts';
import { admitMicroversion } from './admit-microversion.ts';
import { authenticateRequest } from './authenticate-request.ts';
import type { ComputeRoute } from './compute-route.ts';
import { badRequest, fault, notAtThisMicroversion, unknownRoute, type HttpAnswer } from './http-answer.ts';
import type { HttpDependencies } from './http-dependencies.ts';
import { readJsonBody, singleKeyOf } from './json-body.ts';
import { linkBaseOf, queryOf } from './request-url.ts';
import { writeRequestId } from './request-id.ts';
import { sendAnswer } from './send-answer.ts';
import { relaxBody } from './schemas/relax-body.ts';
import { supports } from './supports.ts';

type Admitted = { readonly context: RequestContext; readonly microversion: Microversion };

/** Nova's own pattern for a project in the URL (nova.md A.4). */
const PROJECT = '/:project_id(^[0-9a-f-]+$)';
/**
 * `/v2` is the API before there were microversions: the same routes at the minimum, no headers about versions, and
 * properties that no schema knows are dropped.
 */
const VERSIONS = ['/v2.1', '/v2'] as const;

/**
 * Serves the routes with and without a project in the path. The order of the checks is Nova's (clients.md part 3):
 * token, microversion, existence at that microversion, body, project; the rest is the route's own.
 */
export function registerComputeRoutes(
  server: FastifyInstance,
  dependencies: HttpDependencies,
  routes: readonly ComputeRoute[],
): void {
  const admitted = new WeakMap<FastifyRequest, Admitted>();
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    writeRequestId(request, reply);
    const caller = await authenticateRequest(dependencies, request);
    if (caller.answer === 'refused') return sendAnswer(reply, caller.with);
    // `/servers/` is no server with an empty id.
    if (Object.values(parametersOf(request)).includes('')) return sendAnswer(reply, unknownRoute());
    const negotiated = isLegacy(request) ? LEGACY : admitMicroversion(request, reply);
    if (negotiated.answer === 'refused') return sendAnswer(reply, negotiated.with);
    admitted.set(request, { context: caller.context, microversion: negotiated.microversion });
    return undefined;
  };
  for (const computeRoute of routes) {
    for (const prefix of VERSIONS.flatMap((version) => [version, `${version}${PROJECT}`])) {
      server.route({
        method: computeRoute.method,
        url: `${prefix}${computeRoute.path}`,
        onRequest,
        handler: async (request, reply) => {
          const caller = admitted.get(request);
          if (caller === undefined) throw new Error('a request came past its own admission');
          return sendAnswer(reply, await answer(computeRoute, caller, request, dependencies));
        },
      });
    }
  }
}

/** What a change of each resource is judged by and shown from; without it nobody could be told what came of the change. */
const VIEWS_OF_RESOURCE: ReadonlyMap<string, readonly ViewName[]> = new Map([
  ['servers', ['servers', 'computeServices']],
  ['os-keypairs', ['keyPairs']],
  ['os-server-groups', ['serverGroups', 'servers']],
  ['flavors', ['flavors']],
  ['os-services', ['computeServices', 'servers', 'migrations']],
  ['os-hosts', ['computeServices']],
]);

/** Throws ViewStopped before anything is written. `path`: of the route, such as `/servers/:id/action`. */
function demandViewsOf(views: HttpDependencies['views'], path: string): void {
  for (const name of VIEWS_OF_RESOURCE.get(path.split('/')[1] ?? '') ?? []) views.demand(name);
}

const LEGACY = { answer: 'admitted', microversion: MINIMUM_MICROVERSION } as const;
const isLegacy = ({ url }: FastifyRequest): boolean => url.startsWith('/v2/');

async function answer(
  computeRoute: ComputeRoute,
  { context, microversion }: Admitted,
  request: FastifyRequest,
  { views, options }: HttpDependencies,
): Promise<HttpAnswer> {
  const { method, since, until, refuseBody, bodyOptional, handle } = computeRoute;
  if (!supports(microversion, since) || supports(microversion, until + 1)) return notAtThisMicroversion();
  const sent = Buffer.isBuffer(request.body) && request.body.length > 0;
  const hasBody = (method === 'POST' || method === 'PUT') && (sent || !bodyOptional);
  const body = hasBody
    ? readJsonBody(request.body, request.headers['content-type'])
    : ({ answer: 'read', value: null } as const);
  if (body.answer === 'refused') return body.with;
  const refused = refuseBody(body.value);
  if (refused !== null) return refused;
  const parameters = parametersOf(request);
  const projectInUrl = parameters['project_id'] ?? null;
  if (projectInUrl !== null && projectInUrl !== context.projectId) {
    return badRequest(
      `Malformed request URL: URL's project_id '${projectInUrl}' doesn't match Context's project_id '${context.projectId}'`,
    );
  }
  if (views.failure !== null) return fault(503, 'The server cannot tell the present state at this time.');
  if (computeRoute.method !== 'GET') demandViewsOf(views, computeRoute.path);
  const links: Links = {
    base: linkBaseOf(request, options),
    version: isLegacy(request) ? '/v2' : '/v2.1',
    // As Nova: also when it stands in the query.
    projectInUrl: request.url.includes(context.projectId) ? context.projectId : null,
  };
  const value = isLegacy(request) ? legacyBody(computeRoute, body.value) : body.value;
  return handle({ context, microversion, parameters, query: queryOf(request), body: value, links });
}

function legacyBody({ bodySchemaAt, actions }: ComputeRoute, body: unknown): unknown {
  const schemaAt = bodySchemaAt ?? actions.get(singleKeyOf(body) ?? '')?.bodySchemaAt ?? null;
  return schemaAt === null ? body : relaxBody(schemaAt(MINIMUM_MICROVERSION), body);
}

function parametersOf({ params }: FastifyRequest): Readonly<Record<string, string>> {
  const entries = Object.entries(typeof params === 'object' && params !== null ? params : {});
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
