import type { ServerRow } from '../../../application/views/servers-view.ts';
import { route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { fault, noContent, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { powerStateOf } from '../../../domain/instance/power-state.ts';
import { CONFLICT } from '../status-codes.ts';
import { supports } from '../supports.ts';
import { forServer } from './find-server.ts';

/** What is told of one server beside its representation. */
export function serverFactRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('GET', '/servers/:id/diagnostics', (request) =>
      forServer(dependencies, request, 'os_compute_api:os-server-diagnostics', (row) =>
        diagnostics(dependencies, request, row),
      ),
    ),
    // A guest here has nowhere to leave an encrypted password, so none was ever left.
    route('GET', '/servers/:id/os-server-password', (request) =>
      forServer(dependencies, request, 'os_compute_api:os-server-password:show', () => ok({ password: '' })),
    ),
    route('DELETE', '/servers/:id/os-server-password', (request) =>
      forServer(dependencies, request, 'os_compute_api:os-server-password:clear', noContent),
    ),
  ];
}

/** What the records know; what only the hypervisor could tell is null, as Nova's format allows. */
function diagnostics(
  { computeHosts }: RouteDependencies,
  { microversion }: ComputeRequest,
  row: ServerRow,
): HttpAnswer {
  if (row.host === null) return fault(CONFLICT, `Instance ${row.instanceId} is not ready`);
  const { vcpus, ramMiB } = row.flavor;
  if (!supports(microversion, 48)) return ok({ memory: ramMiB * 1024 });
  const hypervisor = computeHosts.facts(row.host)?.hypervisorType ?? null;
  return ok({
    state: powerStateOf(row) ?? 'pending',
    driver: 'libvirt',
    hypervisor: hypervisor?.toLowerCase() ?? null,
    hypervisor_os: null,
    uptime: null,
    config_drive: row.options.configDrive ?? false,
    num_cpus: vcpus,
    num_nics: 0,
    num_disks: 1,
    disk_details: [],
    cpu_details: [],
    nic_details: [],
    memory_details: { maximum: ramMiB, used: null },
  });
}
