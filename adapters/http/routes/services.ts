import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, fault, noContent, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import { refusalAnswer } from '../fault-messages.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy } from '../policy.ts';
import { refuseQuery } from '../query-rules.ts';
import { COMPUTE_BINARY, computeService, serviceIdAt } from '../representations/service.ts';
import { isInProgress } from '../representations/migration.ts';
import { UUID } from '../schemas/json-schema-types.ts';
import { SERVICE_BY_ID_SCHEMA, serviceByHostSchema } from '../schemas/service-schemas.ts';
import { CONFLICT } from '../status-codes.ts';
import { supports } from '../supports.ts';
import { updateServiceByHost } from './update-service-by-host.ts';
import { updateServiceById } from './update-service-by-id.ts';

/** Only the compute services are told of; the other parts of a Nova do not exist here. */
export function serviceRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('GET', '/os-services', (request) => listServices(dependencies, request)),
    route('PUT', '/os-services/:id', (request) => updateService(dependencies, request), {
      bodySchemaAt: (microversion) =>
        supports(microversion, 53) ? SERVICE_BY_ID_SCHEMA : serviceByHostSchema(microversion),
    }),
    route('DELETE', '/os-services/:id', (request) => deleteService(dependencies, request)),
  ];
}

function updateService(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  return supports(request.microversion, 53)
    ? updateServiceById(dependencies, request)
    : updateServiceByHost(dependencies, request);
}

function listServices(
  { views, clock }: RouteDependencies,
  { context, query, microversion }: ComputeRequest,
): HttpAnswer {
  const refused =
    refuseQuery(query, { known: ['host', 'binary'], strictSince: 75 }, microversion) ??
    refuseByPolicy(context, 'os_compute_api:os-services:list');
  if (refused !== null) return refused;
  const host = query.getAll('host').at(-1) ?? '';
  const binary = query.getAll('binary').at(-1) ?? '';
  const rows = views.computeServices
    .all()
    .filter((row) => (host === '' || row.host === host) && (binary === '' || binary === COMPUTE_BINARY));
  return ok({ services: rows.map((row) => computeService(row, microversion, clock.now())) });
}

async function deleteService({ views, computeApi }: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const { context, microversion } = request;
  const forbidden = refuseByPolicy(context, 'os_compute_api:os-services:delete');
  if (forbidden !== null) return forbidden;
  const givenId = parameter(request, 'id');
  if (supports(microversion, 53) && !UUID.test(givenId)) return badRequest(`Invalid uuid ${givenId}`);
  if (!supports(microversion, 53) && !/^\d+$/.test(givenId)) {
    return badRequest('Invalid input received: id must be an integer');
  }
  const service = views.computeServices.all().find((row) => String(serviceIdAt(row, microversion)) === givenId);
  if (service === undefined) return notFound(`Service ${givenId} not found.`);
  if (views.servers.onHost(service.host).length > 0) {
    return fault(
      CONFLICT,
      'Unable to delete compute service that is hosting instances. Migrate or delete the instances first.',
    );
  }
  const migrations = [...views.migrations.all()].filter((row) => row.status === 'accepted' || isInProgress(row));
  if (migrations.some(({ source, destination }) => source === service.host || destination === service.host)) {
    return fault(
      CONFLICT,
      'Unable to delete compute service that has in-progress migrations. Complete the migrations or delete the instances first.',
    );
  }
  const answer = await computeApi.changeComputeService(context, service.host, { type: 'RetireComputeService' });
  return answer.accepted ? noContent() : refusalAnswer(answer.refusal, givenId);
}
