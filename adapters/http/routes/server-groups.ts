import type { PresentServerGroup } from '../../../domain/server-group/server-group.ts';
import { serverGroupId } from '../../../domain/shared/ids.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { refusalAnswer } from '../fault-messages.ts';
import { badRequest, noContent, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { PAGE_ROWS_MAX } from '../page.ts';
import { refuseByPolicy } from '../policy.ts';
import { refuseQuery } from '../query-rules.ts';
import { serverGroupSchema } from '../schemas/server-group-schema.ts';
import { validate } from '../schemas/validate.ts';
import { supports } from '../supports.ts';

const STRICT_SINCE = 75;
const WHOLE_NUMBER = /^[0-9]*$/;

export function serverGroupRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('GET', '/os-server-groups', (request) => listGroups(dependencies, request)),
    route('POST', '/os-server-groups', (request) => createGroup(dependencies, request), {
      bodySchemaAt: serverGroupSchema,
    }),
    route('GET', '/os-server-groups/:id', (request) => showGroup(dependencies, request)),
    route('DELETE', '/os-server-groups/:id', (request) => deleteGroup(dependencies, request)),
  ];
}

function listGroups(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const { context, query, microversion } = request;
  const known = ['all_projects', 'limit', 'offset'];
  const refused =
    refuseQuery(query, { known, strictSince: STRICT_SINCE }, microversion) ??
    refuseByPolicy(context, 'os_compute_api:os-server-groups:index');
  if (refused !== null) return refused;
  const offset = query.get('offset') ?? '';
  if (!WHOLE_NUMBER.test(offset)) {
    return badRequest(
      `Invalid input for query parameters offset. Value: ${offset}. '${offset}' does not match '^[0-9]*$'`,
    );
  }
  const everybodys = query.has('all_projects') && context.isAdmin;
  const from = Number(offset);
  const limit = query.get('limit') ?? '';
  const count = limit === '' ? PAGE_ROWS_MAX : Math.min(Number(limit), PAGE_ROWS_MAX);
  const groups = dependencies.views.serverGroups.all(everybodys ? null : context.projectId).slice(from, from + count);
  return ok({ server_groups: groups.map((group) => describe(dependencies, request, group)) });
}

function describe({ views }: RouteDependencies, { microversion }: ComputeRequest, group: PresentServerGroup): object {
  const { serverGroupId: id, name, policy, maxServerPerHost, initiator } = group;
  const members = views.servers.membersOf(id).map(({ instanceId }) => instanceId);
  const rules = maxServerPerHost === null ? {} : { max_server_per_host: maxServerPerHost };
  return {
    id,
    name,
    ...(supports(microversion, 64) ? { policy, rules } : { policies: [policy], metadata: {} }),
    members,
    ...(supports(microversion, 13) ? { project_id: initiator.projectId, user_id: initiator.userId } : {}),
  };
}

async function createGroup(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const { context, microversion } = request;
  const validated = validate(serverGroupSchema(microversion), request.body);
  if (!validated.valid) return badRequest(validated.message);
  const forbidden = refuseByPolicy(context, 'os_compute_api:os-server-groups:create');
  if (forbidden !== null) return forbidden;
  const { policy, maxServerPerHost } = validated.value;
  if (maxServerPerHost !== null && policy !== 'anti-affinity') {
    return badRequest('Only anti-affinity policy supports rules.');
  }
  const answer = await dependencies.computeApi.serverGroups.create(context, validated.value);
  if (!answer.accepted) return refusalAnswer(answer.refusal, '');
  const group = dependencies.views.serverGroups.find(answer.value);
  return group === null
    ? notFound(`Instance group ${answer.value} could not be found.`)
    : ok({ server_group: describe(dependencies, request, group) });
}

/** Null for a group of another project, unless an administrator asks. */
function groupOf({ views }: RouteDependencies, request: ComputeRequest): PresentServerGroup | null {
  const { projectId, isAdmin } = request.context;
  const group = views.serverGroups.find(serverGroupId(parameter(request, 'id').toLowerCase()));
  return group !== null && (isAdmin || group.initiator.projectId === projectId) ? group : null;
}

const groupNotFound = (request: ComputeRequest): HttpAnswer =>
  notFound(`Instance group ${parameter(request, 'id')} could not be found.`);

function showGroup(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const group = groupOf(dependencies, request);
  if (group === null) return groupNotFound(request);
  const project = group.initiator.projectId;
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-server-groups:show', project);
  return forbidden ?? ok({ server_group: describe(dependencies, request, group) });
}

async function deleteGroup(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const group = groupOf(dependencies, request);
  if (group === null) return groupNotFound(request);
  const project = group.initiator.projectId;
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-server-groups:delete', project);
  if (forbidden !== null) return forbidden;
  const answer = await dependencies.computeApi.serverGroups.delete(request.context, group.serverGroupId);
  return answer.accepted ? noContent() : refusalAnswer(answer.refusal, parameter(request, 'id'));
}
