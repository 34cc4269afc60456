import type { InstanceAction } from '../../../application/views/instance-action.ts';
import type { ServerRow } from '../../../application/views/servers-view.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { instanceNotFound } from '../fault-messages.ts';
import { badRequest, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { nextLink } from '../links.ts';
import { pageOf } from '../page.ts';
import { allows, refuseByPolicy } from '../policy.ts';
import { changedBetween, refuseQuery } from '../query-rules.ts';
import { instanceActionDetail, instanceActionSummary } from '../representations/instance-action.ts';
import { supports } from '../supports.ts';
import { presentServer, visibleServer } from './visible-server.ts';

export function instanceActionRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  const path = '/servers/:id/os-instance-actions';
  return [
    route('GET', path, (request) => listActions(dependencies, request)),
    route('GET', `${path}/:request_id`, (request) => showAction(dependencies, request)),
  ];
}

const PAGED_SINCE = 58;
const SHOW_STRICT_SINCE = 102;
/** Nova looks for the marker under its own name, finds nothing, and says so. */
const MARKER_NOT_FOUND = 'Marker None could not be found.';

function listActions(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const { microversion, query, context, links } = request;
  const row = serverOf(dependencies, request);
  const known = ['limit', 'marker', 'changes-since', ...(supports(microversion, 66) ? ['changes-before'] : [])];
  const paged = supports(microversion, PAGED_SINCE);
  const wrong = refuseQuery(query, { known: paged ? known : [], strictSince: PAGED_SINCE }, microversion);
  if (wrong !== null) return wrong;
  if (row === null) return notFound(instanceNotFound(parameter(request, 'id')));
  const forbidden = refuseByPolicy(context, 'os_compute_api:os-instance-actions:list', row.owner.projectId);
  if (forbidden !== null) return forbidden;
  const actions = dependencies.views.instanceActions.ofInstance(row.instanceId).toReversed();
  const shown = (rows: readonly InstanceAction[]) =>
    rows.map((action) => instanceActionSummary(row.instanceId, action, microversion));
  if (!paged) return ok({ instanceActions: shown(actions) });
  const { since, before } = changedBetween(query);
  const changed = actions.filter(({ updatedAt }) => Date.parse(updatedAt) >= since && Date.parse(updatedAt) <= before);
  const page = pageOf(changed, query, ({ requestId }) => requestId);
  if (page.answer === 'markerNotFound') return badRequest(MARKER_NOT_FOUND);
  const path = `servers/${row.instanceId}/os-instance-actions`;
  return ok({
    instanceActions: shown(page.rows),
    ...(page.next === null ? {} : { links: nextLink(links, path, query, page.next) }),
  });
}

function showAction(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const { microversion, context, query } = request;
  const wrong = refuseQuery(query, { known: [], strictSince: SHOW_STRICT_SINCE }, microversion);
  if (wrong !== null) return wrong;
  const row = serverOf(dependencies, request);
  if (row === null) return notFound(instanceNotFound(parameter(request, 'id')));
  const project = row.owner.projectId;
  const forbidden = refuseByPolicy(context, 'os_compute_api:os-instance-actions:show', project);
  if (forbidden !== null) return forbidden;
  const wanted = parameter(request, 'request_id');
  const action = dependencies.views.instanceActions
    .ofInstance(row.instanceId)
    .findLast(({ requestId }) => requestId === wanted);
  if (action === undefined) return notFound(`Action ${wanted} not found`);
  const visibility = {
    microversion,
    events: allows(context, 'os_compute_api:os-instance-actions:events', project),
    details: allows(context, 'os_compute_api:os-instance-actions:events:details', project),
  };
  return ok({ instanceAction: instanceActionDetail(row.instanceId, action, visibility) });
}

/** Since 2.21 what was done to a server can be read after its deletion. */
function serverOf({ views }: RouteDependencies, request: ComputeRequest): ServerRow | null {
  const find = supports(request.microversion, 21) ? visibleServer : presentServer;
  return find(views, request.context, parameter(request, 'id'));
}
