import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { ComputeRequest } from '../compute-route.ts';
import { badRequest, fault, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { nextLink } from '../links.ts';
import { pageOf } from '../page.ts';
import { refuseByPolicy } from '../policy.ts';
import { serverSummary } from '../representations/server.ts';
import { statusFilter } from '../representations/server-status.ts';
import { supports } from '../supports.ts';
import { describeServer } from './describe-server.ts';
import { refuseServerQuery, wordAsBoolean } from './server-query.ts';
import { serverFilters } from './server-filters.ts';
import { sortServers } from './sort-servers.ts';
import { isVisible } from './visible-server.ts';

/** `GET /servers` (`index`) and `GET /servers/detail`. */
export function listServers(
  dependencies: RouteDependencies,
  request: ComputeRequest,
  kind: 'index' | 'detail',
): HttpAnswer {
  const { context, query, links } = request;
  const refused =
    refuseByPolicy(context, `os_compute_api:servers:${kind}`) ??
    refuseServerQuery(request) ??
    refuseDeleted(request) ??
    refuseAllTenants(request, kind);
  if (refused !== null) return refused;
  const filters = filtersOf(request);
  if (filters === null) {
    return supports(request.microversion, 38) ? badRequest('Invalid status value') : ok({ servers: [] });
  }
  const visible = [...dependencies.views.servers.all()].filter((row) => isVisible(row, context));
  const found = visible.filter((row) => filters.every((accepts) => accepts(row)));
  const page = pageOf(sortServers(found, query), query, ({ instanceId }) => instanceId);
  if (page.answer === 'markerNotFound') return badRequest(`marker [${page.marker}] not found`);
  const servers = page.rows.map((row) =>
    kind === 'index' ? serverSummary(row, links) : describeServer(dependencies, request, row, false),
  );
  const path = kind === 'index' ? 'servers' : 'servers/detail';
  return ok({ servers, ...(page.next === null ? {} : { servers_links: nextLink(links, path, query, page.next) }) });
}

/** Null: the wanted status does not exist, so nothing can have it. */
function filtersOf(request: ComputeRequest): readonly ((row: ServerRow) => boolean)[] | null {
  const { context, query } = request;
  const statuses = query.getAll('status').filter((status) => status !== '');
  const ofStatus = statuses.length === 0 ? () => true : statusFilter(statuses);
  if (ofStatus === null) return null;
  const ofProject = (row: ServerRow) => allTenants(query) || row.owner.projectId === context.projectId;
  return [ofStatus, ofProject, ...serverFilters(request)];
}

const isDeletedStatus = (query: URLSearchParams): boolean =>
  query.getAll('status').some((status) => status.toUpperCase() === 'DELETED');

function refuseDeleted({ context, query }: ComputeRequest): HttpAnswer | null {
  return isDeletedStatus(query) && !context.isAdmin
    ? fault(403, 'Only administrators may list deleted instances')
    : null;
}

function refuseAllTenants({ context, query }: ComputeRequest, kind: 'index' | 'detail'): HttpAnswer | null {
  return allTenants(query) ? refuseByPolicy(context, `os_compute_api:servers:${kind}:get_all_tenants`) : null;
}

/** `all_tenants` without a value means yes. A project of the caller's choice is looked for among all of them. */
function allTenants(query: URLSearchParams): boolean {
  const value = query.get('all_tenants');
  return value !== null && (value === '' || wordAsBoolean(value) === true);
}
