import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { HostName, ProjectId } from '../../../domain/shared/ids.ts';
import type { ComputeRequest } from '../compute-route.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { allows } from '../policy.ts';
import type { RenderedServers } from '../rendered-servers.ts';
import { hypervisorHostnameOf } from '../representations/hypervisor.ts';
import { serverDetail, type ServerSurroundings } from '../representations/server.ts';

type Changing = Pick<ServerSurroundings, 'hostStatus' | 'hypervisorHostname' | 'extraSpecs' | 'progress'>;

/** One object, so that two looks at a flavor that is gone see the same. */
const NO_EXTRA_SPECS = {};

/** A server that was asked for by its id, as this caller may see it at the request's microversion. */
export function describeServer(dependencies: RouteDependencies, request: ComputeRequest, row: ServerRow): object {
  const { context, microversion, links } = request;
  const forAdmin = allows(context, 'os_compute_api:os-extended-server-attributes', row.owner.projectId);
  const changing: Changing = {
    ...hostOf(dependencies, row.host),
    extraSpecs: extraSpecsOf(dependencies, row.flavor.id),
    progress: progressOf(dependencies, row),
  };
  return serverDetail(row, { microversion, links, forAdmin, alone: true, ...changing });
}

/** The JSON of each server of a list, as this caller may see it at the request's microversion. */
export function describeServers(
  dependencies: RouteDependencies,
  { context, microversion, links }: ComputeRequest,
  rows: readonly ServerRow[],
  rendered: RenderedServers,
): readonly Buffer[] {
  const onHost = remembered((host: HostName | null) => hostOf(dependencies, host));
  const specsOf = remembered((flavor: string) => extraSpecsOf(dependencies, flavor));
  const isForAdmin = remembered((project: ProjectId) =>
    allows(context, 'os_compute_api:os-extended-server-attributes', project),
  );
  const variantOf = (forAdmin: boolean) =>
    rendered.variant(JSON.stringify([forAdmin, microversion.major, microversion.minor, links]));
  const [forAdmins, forOwners] = [variantOf(true), variantOf(false)];
  return rows.map((row) => {
    const forAdmin = isForAdmin(row.owner.projectId);
    const { hostStatus, hypervisorHostname } = onHost(row.host);
    const extraSpecs = specsOf(row.flavor.id);
    const changing: Changing = { hostStatus, hypervisorHostname, extraSpecs, progress: progressOf(dependencies, row) };
    return (forAdmin ? forAdmins : forOwners)(row, changing, () =>
      serverDetail(row, { microversion, links, forAdmin, alone: false, ...changing }),
    );
  });
}

/** What is the same for many servers of one answer is looked up once. */
function remembered<Key, Value>(find: (key: Key) => Value): (key: Key) => Value {
  const found = new Map<Key, Value>();
  return (key) => {
    const known = found.get(key);
    if (known !== undefined) return known;
    const value = find(key);
    found.set(key, value);
    return value;
  };
}

function extraSpecsOf({ flavors }: RouteDependencies, flavor: string): Changing['extraSpecs'] {
  return flavors.find(flavor)?.extraSpecs ?? NO_EXTRA_SPECS;
}

function hostOf({ views, computeHosts }: RouteDependencies, host: HostName | null) {
  if (host === null) return { hypervisorHostname: null, hostStatus: '' };
  const hypervisorHostname = hypervisorHostnameOf(host, computeHosts.facts(host));
  const service = views.computeServices.find(host);
  if (service === null) return { hypervisorHostname, hostStatus: 'UNKNOWN' };
  if (service.forcedDown) return { hypervisorHostname, hostStatus: 'DOWN' };
  if (service.disabled) return { hypervisorHostname, hostStatus: 'MAINTENANCE' };
  return { hypervisorHostname, hostStatus: service.up ? 'UP' : 'UNKNOWN' };
}

/** Nova's arithmetic: what is left of the memory decides. */
function progressOf({ progress }: RouteDependencies, { migration }: ServerRow): number {
  const counters = migration === null ? null : progress.of(migration);
  if (counters === null || counters.memoryTotalBytes === 0) return 0;
  return Math.max(0, 100 - Math.floor((counters.memoryRemainingBytes / counters.memoryTotalBytes) * 100));
}
