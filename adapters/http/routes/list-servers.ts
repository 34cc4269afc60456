import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { ComputeRequest } from '../compute-route.ts';
import { badRequest, fault, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { nextLink, type Link } from '../links.ts';
import { pageOf } from '../page.ts';
import { refuseByPolicy } from '../policy.ts';
import type { RenderedServers } from '../rendered-servers.ts';
import { serverSummary } from '../representations/server.ts';
import { statusFilter } from '../representations/server-status.ts';
import { supports } from '../supports.ts';
import { describeServers } from './describe-server.ts';
import { refuseServerQuery, wordAsBoolean } from './server-query.ts';
import { serverFilters } from './server-filters.ts';
import { isNewestFirst, sortServers } from './sort-servers.ts';
import { isVisible } from './visible-server.ts';

/** `GET /servers`. */
export function listServers(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const found = findServers(dependencies, request, 'index');
  if (found.answer === 'refused') return found.with;
  const servers = found.rows.map((row) => serverSummary(row, request.links));
  return ok({ servers, ...(found.next === null ? {} : { servers_links: found.next }) });
}

/** `GET /servers/detail`: the same words as if it were made of objects, at a tenth of the time. */
export function detailServers(
  dependencies: RouteDependencies,
  request: ComputeRequest,
  rendered: RenderedServers,
): HttpAnswer {
  const found = findServers(dependencies, request, 'detail');
  if (found.answer === 'refused') return found.with;
  const servers = describeServers(dependencies, request, found.rows, rendered);
  const next = found.next === null ? '' : `,"servers_links":${JSON.stringify(found.next)}`;
  return ok(rendered.list(servers, next));
}

type Found =
  | { readonly answer: 'found'; readonly rows: readonly ServerRow[]; readonly next: readonly Link[] | null }
  | { readonly answer: 'refused'; readonly with: HttpAnswer };

function findServers(dependencies: RouteDependencies, request: ComputeRequest, kind: 'index' | 'detail'): Found {
  const { context, query, links } = request;
  const refused =
    refuseByPolicy(context, `os_compute_api:servers:${kind}`) ??
    refuseServerQuery(request) ??
    refuseDeleted(request) ??
    refuseAllTenants(request, kind);
  if (refused !== null) return { answer: 'refused', with: refused };
  const filters = filtersOf(request);
  if (filters === null) {
    return supports(request.microversion, 38)
      ? { answer: 'refused', with: badRequest('Invalid status value') }
      : { answer: 'found', rows: [], next: null };
  }
  const { servers } = dependencies.views;
  const isAccepted = (row: ServerRow): boolean => isVisible(row, context) && filters.every((accepts) => accepts(row));
  const rows = isNewestFirst(query)
    ? accepted(servers.newestFirst(), isAccepted)
    : sortServers([...accepted(servers.all(), isAccepted)], query);
  const page = pageOf(rows, query, ({ instanceId }) => instanceId);
  if (page.answer === 'markerNotFound') {
    return { answer: 'refused', with: badRequest(`marker [${page.marker}] not found`) };
  }
  const path = kind === 'index' ? 'servers' : 'servers/detail';
  const next = page.next === null ? null : nextLink(links, path, query, page.next);
  return { answer: 'found', rows: page.rows, next };
}

function* accepted(rows: Iterable<ServerRow>, isAccepted: (row: ServerRow) => boolean): Generator<ServerRow> {
  for (const row of rows) if (isAccepted(row)) yield row;
}

/** Null: the wanted status does not exist, so nothing can have it. */
function filtersOf(request: ComputeRequest): readonly ((row: ServerRow) => boolean)[] | null {
  const { context, query } = request;
  const statuses = query.getAll('status').filter((status) => status !== '');
  const ofStatus = statuses.length === 0 ? () => true : statusFilter(statuses);
  if (ofStatus === null) return null;
  const ofEveryProject = allTenants(query);
  const ofProject = (row: ServerRow) => ofEveryProject || row.owner.projectId === context.projectId;
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
