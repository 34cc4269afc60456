import type { HostFacts } from '../../../application/ports/hypervisor-driver.ts';
import type { ComputeServiceRow } from '../../../application/views/compute-services-view.ts';
import type { ServerRow } from '../../../application/views/servers-view.ts';
import { isUp } from '../../../domain/service-version/compute-service-state.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import type { HostName } from '../../../domain/shared/ids.ts';
import { supports } from '../supports.ts';
import { serviceIdAt } from './service.ts';

export type Hypervisor = {
  readonly service: ComputeServiceRow;
  /** Null until the host has answered this process. */
  readonly facts: HostFacts | null;
  /** The servers that live there now. */
  readonly servers: readonly ServerRow[];
};

/** A host that has not yet said what its hypervisor is called goes by its own name. */
export const hypervisorHostnameOf = (host: HostName, facts: HostFacts | null): string =>
  facts?.hypervisorHostname ?? host;

/** `GET /os-hypervisors`. `withServers`: the query asked for them (2.53). */
export function hypervisorSummary(
  { service, facts, servers }: Hypervisor,
  microversion: Microversion,
  withServers: boolean,
): object {
  const listed = servers.map(({ instanceId }) => ({ name: `instance-${instanceId}`, uuid: instanceId }));
  return {
    id: serviceIdAt(service, microversion),
    hypervisor_hostname: hypervisorHostnameOf(service.host, facts),
    state: isUp(service) ? 'up' : 'down',
    status: service.disabled ? 'disabled' : 'enabled',
    // Below 2.75 a hypervisor without servers has no such key (nova.md J.1).
    ...(withServers && (listed.length > 0 || supports(microversion, 75)) ? { servers: listed } : {}),
  };
}

/** `GET /os-hypervisors/detail` and `/{id}`. What a silent host would have to tell is 0 or empty. */
export function hypervisorDetail(hypervisor: Hypervisor, microversion: Microversion, withServers: boolean): object {
  const { service, facts } = hypervisor;
  return {
    ...hypervisorSummary(hypervisor, microversion, withServers),
    hypervisor_type: facts?.hypervisorType ?? '',
    hypervisor_version: facts?.hypervisorVersion ?? 0,
    host_ip: facts?.hostIp ?? '',
    service: {
      id: serviceIdAt(service, microversion),
      host: service.host,
      disabled_reason: service.disabledReason,
    },
    // A string in any case: clients of that age stop on null.
    ...(supports(microversion, 88) ? { uptime: facts?.uptime ?? '' } : resources(hypervisor, microversion)),
  };
}

/** What 2.88 removed. */
function resources(hypervisor: Hypervisor, microversion: Microversion): object {
  return { ...amountsOf(hypervisor), cpu_info: supports(microversion, 28) ? {} : '{}' };
}

const NO_AMOUNTS = {
  vcpus: 0,
  memory_mb: 0,
  local_gb: 0,
  vcpus_used: 0,
  memory_mb_used: 0,
  local_gb_used: 0,
  free_ram_mb: 0,
  free_disk_gb: 0,
  current_workload: 0,
  running_vms: 0,
  disk_available_least: 0,
} as const;

/** `GET /os-hypervisors/statistics`: the sums over the hosts that are not disabled. */
export function hypervisorStatistics(all: readonly Hypervisor[]): Readonly<Record<string, number>> {
  const enabled = all.filter(({ service }) => !service.disabled).map(amountsOf);
  const entries = enabled.flatMap((amounts) => Object.entries(amounts));
  const sumOf = (wanted: string) => entries.reduce((sum, [name, amount]) => (name === wanted ? sum + amount : sum), 0);
  const sums = Object.keys(NO_AMOUNTS).map((name) => [name, sumOf(name)] as const);
  return { count: enabled.length, ...Object.fromEntries(sums) };
}

function amountsOf({ facts, servers }: Hypervisor): Readonly<Record<keyof typeof NO_AMOUNTS, number>> {
  const total = (amount: (row: ServerRow) => number) => servers.reduce((sum, row) => sum + amount(row), 0);
  const memory = facts?.memoryMiB ?? 0;
  const memoryFree = facts?.memoryFreeMiB ?? 0;
  const disk = facts?.diskGiB ?? 0;
  const diskFree = facts?.diskFreeGiB ?? 0;
  return {
    vcpus: facts?.vcpus ?? 0,
    memory_mb: memory,
    local_gb: disk,
    vcpus_used: total(({ flavor }) => flavor.vcpus),
    memory_mb_used: memory - memoryFree,
    local_gb_used: disk - diskFree,
    free_ram_mb: memoryFree,
    free_disk_gb: diskFree,
    current_workload: servers.filter(({ task }) => task !== null).length,
    running_vms: servers.length,
    disk_available_least: diskFree,
  };
}
