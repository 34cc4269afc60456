import type { Flavor } from '../../../application/ports/flavors.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { nextLink } from '../links.ts';
import { pageOf } from '../page.ts';
import { refuseByPolicy } from '../policy.ts';
import { refuseQuery } from '../query-rules.ts';
import { wordAsBoolean } from './server-query.ts';
import { refuseFlavorOrder, sortedFlavors } from './sort-flavors.ts';
import { flavorDetail, flavorSummary } from '../representations/flavor.ts';

const STRICT_SINCE = 75;
const WHOLE = /^\s*[+-]?\d{1,15}\s*$/;

export function flavorRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('GET', '/flavors', (request) => listFlavors(dependencies, request, 'flavors')),
    route('GET', '/flavors/detail', (request) => listFlavors(dependencies, request, 'flavors/detail')),
    route('GET', '/flavors/:id', (request) => showFlavor(dependencies, request)),
    route('GET', '/flavors/:id/os-extra_specs', (request) => showExtraSpecs(dependencies, request)),
  ];
}

function listFlavors(
  { flavors }: RouteDependencies,
  { query, microversion, links, context }: ComputeRequest,
  path: 'flavors' | 'flavors/detail',
): HttpAnswer {
  const known = ['limit', 'marker', 'is_public', 'minRam', 'minDisk', 'sort_key', 'sort_dir'];
  const wrong = refuseQuery(query, { known, strictSince: STRICT_SINCE }, microversion) ?? refuseFlavorOrder(query);
  if (wrong !== null) return wrong;
  for (const name of ['minRam', 'minDisk']) {
    const minimum = query.get(name) ?? '0';
    if (!WHOLE.test(minimum)) return badRequest(`Invalid ${name} filter [${minimum}]`);
  }
  const minimumRam = Number(query.get('minRam') ?? '0');
  const minimumDisk = Number(query.get('minDisk') ?? '0');
  const isPublic = query.get('is_public') ?? 'true';
  if (context.isAdmin && isPublic.toLowerCase() !== 'none' && wordAsBoolean(isPublic) === null) {
    return badRequest(`Invalid is_public filter [${isPublic}]`);
  }
  const visible = visibleFlavors(flavors.all(), query, context.isAdmin);
  const large = visible.filter(({ ramMiB, diskGiB }) => ramMiB >= minimumRam && diskGiB >= minimumDisk);
  const page = pageOf(sortedFlavors(large, query), query, ({ id }) => id);
  if (page.answer === 'markerNotFound') return badRequest(`marker [${page.marker}] not found`);
  const representation = path === 'flavors' ? flavorSummary : flavorDetail;
  return ok({
    flavors: page.rows.map((flavor) => representation(flavor, links, microversion)),
    ...(page.next !== null && query.has('limit') ? { flavors_links: nextLink(links, path, query, page.next) } : {}),
  });
}

/** Everybody else sees the public ones, whatever he asks for; administrators these, or what `is_public` says. */
function visibleFlavors(all: readonly Flavor[], query: URLSearchParams, isAdmin: boolean): readonly Flavor[] {
  const asked = query.get('is_public') ?? '';
  if (isAdmin && asked.toLowerCase() === 'none') return all;
  const wanted = isAdmin ? (wordAsBoolean(asked) ?? true) : true;
  return all.filter(({ isPublic = true }) => isPublic === wanted);
}

function showFlavor({ flavors }: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const flavor = flavors.find(parameter(request, 'id'));
  return flavor === null || (flavor.isPublic === false && !request.context.isAdmin)
    ? flavorNotFound(request)
    : ok({ flavor: flavorDetail(flavor, request.links, request.microversion) });
}

function showExtraSpecs({ flavors }: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-flavor-extra-specs:index');
  if (forbidden !== null) return forbidden;
  const flavor: Flavor | null = flavors.find(parameter(request, 'id'));
  return flavor === null ? flavorNotFound(request) : ok({ extra_specs: flavor.extraSpecs });
}

const flavorNotFound = (request: ComputeRequest): HttpAnswer =>
  notFound(`Flavor ${parameter(request, 'id')} could not be found.`);
