import type { ComputeServiceRow } from '../../../application/views/compute-services-view.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { nextLink } from '../links.ts';
import { pageOf } from '../page.ts';
import { refuseByPolicy } from '../policy.ts';
import { refuseQuery } from '../query-rules.ts';
import {
  hypervisorDetail,
  hypervisorHostnameOf,
  hypervisorStatistics,
  hypervisorSummary,
  type Hypervisor,
} from '../representations/hypervisor.ts';
import { serviceIdAt } from '../representations/service.ts';
import { booleanParameter, UUID } from '../schemas/json-schema-types.ts';
import { validate } from '../schemas/validate.ts';
import { supports } from '../supports.ts';
import { wordAsBoolean } from './server-query.ts';

const UPTIME_UNTIL = 87;
/** From here on both are parameters of the list. */
const SEARCH_UNTIL = 52;
const STRICT_SINCE = 53;

/** One hypervisor for each host that has ever reported (nova.md J.1). */
export function hypervisorRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('GET', '/os-hypervisors', (request) => listHypervisors(dependencies, request, 'list')),
    route('GET', '/os-hypervisors/detail', (request) => listHypervisors(dependencies, request, 'list-detail')),
    route('GET', '/os-hypervisors/:id', (request) => showHypervisor(dependencies, request)),
    route('GET', '/os-hypervisors/:id/uptime', (request) => showUptime(dependencies, request), {
      until: UPTIME_UNTIL,
    }),
    route('GET', '/os-hypervisors/statistics', (request) => showStatistics(dependencies, request), {
      until: UPTIME_UNTIL,
    }),
    route('GET', '/os-hypervisors/:id/search', (request) => searchHypervisors(dependencies, request, 'search'), {
      until: SEARCH_UNTIL,
    }),
    route('GET', '/os-hypervisors/:id/servers', (request) => searchHypervisors(dependencies, request, 'servers'), {
      until: SEARCH_UNTIL,
    }),
  ];
}

function listHypervisors(
  dependencies: RouteDependencies,
  request: ComputeRequest,
  kind: 'list' | 'list-detail',
): HttpAnswer {
  const { context, query, microversion, links } = request;
  const refused = refuseListQuery(request) ?? refuseByPolicy(context, `os_compute_api:os-hypervisors:${kind}`);
  if (refused !== null) return refused;
  const named = namedHypervisors(dependencies, request);
  if (named.length === 0 && patternOf(request) !== null) {
    return notFound(`No hypervisor matching '${patternOf(request)}' could be found.`);
  }
  const page = pageOf(named, supports(microversion, 33) ? query : new URLSearchParams(), ({ service }) =>
    String(serviceIdAt(service, microversion)),
  );
  if (page.answer === 'markerNotFound') return badRequest(`marker [${page.marker}] not found`);
  const representation = kind === 'list' ? hypervisorSummary : hypervisorDetail;
  const path = kind === 'list' ? 'os-hypervisors' : 'os-hypervisors/detail';
  return ok({
    hypervisors: page.rows.map((row) => representation(row, microversion, withServers(request))),
    ...(page.next === null ? {} : { hypervisors_links: nextLink(links, path, query, page.next) }),
  });
}

function refuseListQuery({ query, microversion }: ComputeRequest): HttpAnswer | null {
  const known = [
    ...(supports(microversion, 33) ? ['limit', 'marker'] : []),
    ...(supports(microversion, 53) ? ['hypervisor_hostname_pattern', 'with_servers'] : []),
  ];
  const wrong = refuseQuery(query, { known, strictSince: STRICT_SINCE }, microversion);
  if (wrong !== null) return wrong;
  const words = supports(microversion, 53) ? query.getAll('with_servers') : [];
  const notAWord = words.map((word) => validate(booleanParameter, word)).find(({ valid }) => !valid);
  if (notAWord?.valid === false) {
    const [word = ''] = words;
    return badRequest(`Invalid input for query parameters with_servers. Value: ${word}. ${notAWord.message}`);
  }
  // Nova cannot page through a search, and says so in this vague way.
  return supports(microversion, 53) && query.has('hypervisor_hostname_pattern') && query.has('limit')
    ? badRequest('The server could not comply with the request since it is either malformed or otherwise incorrect.')
    : null;
}

const patternOf = ({ query, microversion }: ComputeRequest): string | null =>
  supports(microversion, 53) ? query.get('hypervisor_hostname_pattern') : null;

const withServers = ({ query, microversion }: ComputeRequest): boolean =>
  supports(microversion, 53) && wordAsBoolean(query.get('with_servers') ?? '') === true;

function namedHypervisors(dependencies: RouteDependencies, request: ComputeRequest): readonly Hypervisor[] {
  const pattern = patternOf(request);
  return dependencies.views.computeServices
    .all()
    .map((service) => hypervisorOn(dependencies, service))
    .filter(({ service, facts }) => pattern === null || hypervisorHostnameOf(service.host, facts).includes(pattern));
}

function hypervisorOn({ views, computeHosts }: RouteDependencies, service: ComputeServiceRow): Hypervisor {
  const servers = views.servers.onHost(service.host);
  return { service, facts: computeHosts.facts(service.host), servers };
}

type Found =
  | { readonly answer: 'found'; readonly hypervisor: Hypervisor }
  | { readonly answer: 'refused'; readonly with: HttpAnswer };

function find(dependencies: RouteDependencies, request: ComputeRequest): Found {
  const givenId = parameter(request, 'id');
  const { microversion } = request;
  if (supports(microversion, 53) && !UUID.test(givenId)) {
    return { answer: 'refused', with: badRequest(`Invalid uuid ${givenId}`) };
  }
  const service = dependencies.views.computeServices
    .all()
    .find((row) => String(serviceIdAt(row, microversion)) === givenId.toLowerCase());
  return service === undefined
    ? { answer: 'refused', with: notFound(`Hypervisor with ID '${givenId}' could not be found.`) }
    : { answer: 'found', hypervisor: hypervisorOn(dependencies, service) };
}

function showHypervisor(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-hypervisors:show');
  if (forbidden !== null) return forbidden;
  const found = find(dependencies, request);
  if (found.answer === 'refused') return found.with;
  return ok({ hypervisor: hypervisorDetail(found.hypervisor, request.microversion, withServers(request)) });
}

function showUptime(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-hypervisors:uptime');
  if (forbidden !== null) return forbidden;
  const found = find(dependencies, request);
  if (found.answer === 'refused') return found.with;
  const { hypervisor } = found;
  const uptime = hypervisor.facts?.uptime ?? '';
  return ok({ hypervisor: { ...hypervisorSummary(hypervisor, request.microversion, false), uptime } });
}

/** `/{pattern}/search` and, with the servers on each, `/{pattern}/servers`. */
function searchHypervisors(
  dependencies: RouteDependencies,
  request: ComputeRequest,
  kind: 'search' | 'servers',
): HttpAnswer {
  const forbidden = refuseByPolicy(request.context, `os_compute_api:os-hypervisors:${kind}`);
  if (forbidden !== null) return forbidden;
  const pattern = parameter(request, 'id');
  const found = dependencies.views.computeServices
    .all()
    .map((service) => hypervisorOn(dependencies, service))
    .filter(({ service, facts }) => hypervisorHostnameOf(service.host, facts).includes(pattern));
  if (found.length === 0) return notFound(`No hypervisor matching '${pattern}' could be found.`);
  return ok({ hypervisors: found.map((row) => hypervisorSummary(row, request.microversion, kind === 'servers')) });
}

function showStatistics(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-hypervisors:statistics');
  if (forbidden !== null) return forbidden;
  const all = dependencies.views.computeServices.all().map((service) => hypervisorOn(dependencies, service));
  return ok({ hypervisor_statistics: hypervisorStatistics(all) });
}
