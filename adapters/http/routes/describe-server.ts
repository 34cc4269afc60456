import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { ComputeRequest } from '../compute-route.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { allows } from '../policy.ts';
import { hypervisorHostnameOf } from '../representations/hypervisor.ts';
import { serverDetail } from '../representations/server.ts';

/** A server as this caller may see it at the request's microversion. `alone`: asked for by id, not in a list. */
export function describeServer(
  dependencies: RouteDependencies,
  { context, microversion, links }: ComputeRequest,
  row: ServerRow,
  alone: boolean,
): object {
  const { flavors, computeHosts } = dependencies;
  return serverDetail(row, {
    microversion,
    links,
    forAdmin: allows(context, 'os_compute_api:os-extended-server-attributes', row.owner.projectId),
    hypervisorHostname: row.host === null ? null : hypervisorHostnameOf(row.host, computeHosts.facts(row.host)),
    hostStatus: hostStatusOf(dependencies, row),
    extraSpecs: flavors.find(row.flavor.id)?.extraSpecs ?? {},
    progress: progressOf(dependencies, row),
    alone,
  });
}

function hostStatusOf({ views }: RouteDependencies, { host }: ServerRow): string {
  if (host === null) return '';
  const service = views.computeServices.find(host);
  if (service === null) return 'UNKNOWN';
  if (service.forcedDown) return 'DOWN';
  if (service.disabled) return 'MAINTENANCE';
  return service.up ? 'UP' : 'UNKNOWN';
}

/** Nova's arithmetic: what is left of the memory decides. */
function progressOf({ progress }: RouteDependencies, { migration }: ServerRow): number {
  const counters = migration === null ? null : progress.of(migration);
  if (counters === null || counters.memoryTotalBytes === 0) return 0;
  return Math.max(0, 100 - Math.floor((counters.memoryRemainingBytes / counters.memoryTotalBytes) * 100));
}
