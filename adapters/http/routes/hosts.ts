import type { HostFacts } from '../../../application/ports/hypervisor-driver.ts';
import { hostName } from '../../../domain/shared/ids.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, fault, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy } from '../policy.ts';
import { AVAILABILITY_ZONE } from '../representations/service.ts';
import { HOST_UPDATE_SCHEMA } from '../schemas/host-schema.ts';
import { validate } from '../schemas/validate.ts';

/** 2.43 took these routes away; `os-services` and `os-hypervisors` tell more. */
const UNTIL = { until: 42 };

export function hostRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  const item = '/os-hosts/:id';
  const power = (operation: 'reboot' | 'shutdown' | 'start', word: string) =>
    route('GET', `${item}/${word}`, (request) => refusePower(dependencies, request, operation), UNTIL);
  return [
    route('GET', '/os-hosts', (request) => listHosts(dependencies, request), UNTIL),
    route('GET', item, (request) => showHost(dependencies, request), UNTIL),
    route('PUT', item, (request) => updateHost(dependencies, request), {
      ...UNTIL,
      bodySchemaAt: () => HOST_UPDATE_SCHEMA,
    }),
    power('reboot', 'reboot'),
    power('shutdown', 'shutdown'),
    power('start', 'startup'),
  ];
}

function listHosts({ views }: RouteDependencies, { context, query }: ComputeRequest): HttpAnswer {
  const forbidden = refuseByPolicy(context, 'os_compute_api:os-hosts:list');
  if (forbidden !== null) return forbidden;
  const zone = query.get('zone') ?? '';
  const services = zone === '' || zone === AVAILABILITY_ZONE ? views.computeServices.all() : [];
  return ok({ hosts: services.map(({ host }) => ({ host_name: host, service: 'compute', zone: AVAILABILITY_ZONE })) });
}

const hostNotFound = (request: ComputeRequest): HttpAnswer =>
  notFound(`Compute host ${parameter(request, 'id')} could not be found.`);

function showHost({ views, computeHosts }: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-hosts:show');
  if (forbidden !== null) return forbidden;
  const host = hostName(parameter(request, 'id'));
  if (views.computeServices.find(host) === null) return hostNotFound(request);
  const servers = views.servers.onHost(host);
  const total = (amount: (row: (typeof servers)[number]) => number) =>
    servers.reduce((sum, row) => sum + amount(row), 0);
  const promised = {
    cpu: total(({ flavor }) => flavor.vcpus),
    memory_mb: total(({ flavor }) => flavor.ramMiB),
    disk_gb: total(({ flavor }) => flavor.diskGiB),
  };
  const projects = [...new Set(servers.map(({ owner }) => owner.projectId))];
  const ofProject = (project: string) => {
    const own = servers.filter(({ owner }) => owner.projectId === project);
    const sum = (amount: (row: (typeof servers)[number]) => number) =>
      own.reduce((before, row) => before + amount(row), 0);
    return {
      cpu: sum(({ flavor }) => flavor.vcpus),
      memory_mb: sum(({ flavor }) => flavor.ramMiB),
      disk_gb: sum(({ flavor }) => flavor.diskGiB),
    };
  };
  const rows = [
    { host, project: '(total)', ...capacityOf(computeHosts.facts(host)) },
    { host, project: '(used_now)', ...usedNow(computeHosts.facts(host), promised.cpu) },
    { host, project: '(used_max)', ...promised },
    ...projects.map((project) => ({ host, project, ...ofProject(project) })),
  ];
  return ok({ host: rows.map((resource) => ({ resource })) });
}

const capacityOf = (facts: HostFacts | null) => ({
  cpu: facts?.vcpus ?? 0,
  memory_mb: facts?.memoryMiB ?? 0,
  disk_gb: facts?.diskGiB ?? 0,
});

const usedNow = (facts: HostFacts | null, cpu: number) => ({
  cpu,
  memory_mb: facts === null ? 0 : facts.memoryMiB - facts.memoryFreeMiB,
  disk_gb: facts === null ? 0 : facts.diskGiB - facts.diskFreeGiB,
});

/** Only `status` can be carried out: it is the same as disabling the compute service. */
async function updateHost({ views, computeApi }: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const validated = validate(HOST_UPDATE_SCHEMA, request.body);
  if (!validated.valid) return badRequest(validated.message);
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-hosts:update');
  if (forbidden !== null) return forbidden;
  const host = hostName(parameter(request, 'id'));
  if (views.computeServices.find(host) === null) return hostNotFound(request);
  const { enabled, maintenance } = validated.value;
  if (maintenance !== null) return notSupported();
  if (enabled === null) return badRequest('No updates were requested.');
  const command = enabled
    ? ({ type: 'EnableComputeService' } as const)
    : ({ type: 'DisableComputeService', disabledReason: null } as const);
  const answer = await computeApi.changeComputeService(request.context, host, command);
  return answer.accepted ? ok({ host, status: enabled ? 'enabled' : 'disabled' }) : hostNotFound(request);
}

const notSupported = (): HttpAnswer => fault(501, 'The requested functionality is not supported.');

function refusePower(
  { views }: RouteDependencies,
  request: ComputeRequest,
  operation: 'reboot' | 'shutdown' | 'start',
): HttpAnswer {
  const forbidden = refuseByPolicy(request.context, `os_compute_api:os-hosts:${operation}`);
  if (forbidden !== null) return forbidden;
  return views.computeServices.find(hostName(parameter(request, 'id'))) === null
    ? hostNotFound(request)
    : notSupported();
}
