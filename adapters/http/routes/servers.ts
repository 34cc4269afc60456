import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { instanceNotFound, refusalAnswer } from '../fault-messages.ts';
import { noContent, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy } from '../policy.ts';
import { RenderedServers } from '../rendered-servers.ts';
import { createServerSchema } from '../schemas/create-server-schema.ts';
import { createServer } from './create-server.ts';
import { describeServer } from './describe-server.ts';
import { detailServers, listServers } from './list-servers.ts';
import { presentServer } from './visible-server.ts';

export function serverRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  const rendered = new RenderedServers();
  return [
    route('POST', '/servers', (request) => createServer(dependencies, request), { bodySchemaAt: createServerSchema }),
    route('GET', '/servers', (request) => listServers(dependencies, request)),
    route('GET', '/servers/detail', (request) => detailServers(dependencies, request, rendered)),
    route('GET', '/servers/:id', (request) => showServer(dependencies, request)),
    route('DELETE', '/servers/:id', (request) => deleteServer(dependencies, request)),
  ];
}

function showServer(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const givenId = parameter(request, 'id');
  const row = presentServer(dependencies.views, request.context, givenId);
  if (row === null) return notFound(instanceNotFound(givenId));
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:servers:show', row.owner.projectId);
  return forbidden ?? ok({ server: describeServer(dependencies, request, row) });
}

async function deleteServer(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const givenId = parameter(request, 'id');
  const row = presentServer(dependencies.views, request.context, givenId);
  if (row === null) return notFound(instanceNotFound(givenId));
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:servers:delete', row.owner.projectId);
  if (forbidden !== null) return forbidden;
  const answer = await dependencies.computeApi.deleteServer(request.context, row.instanceId);
  return answer.accepted ? noContent() : refusalAnswer(answer.refusal, givenId);
}
