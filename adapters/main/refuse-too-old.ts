import type { ComputeServicesView } from '../../application/views/compute-services-view.ts';
import type { HostName, ServiceVersion } from '../../domain/shared/ids.ts';
import type { ProcessRole } from './process-role.ts';

/**
 * A compute service that is older than the rest of its fleet does not start, as in Nova: every API process has promised
 * what the oldest of the fleet knows. Throws a sentence for the operator. One process for all hosts is its own fleet.
 */
export function refuseTooOld(
  services: Pick<ComputeServicesView, 'find' | 'minimumVersion'>,
  versions: ReadonlyMap<HostName, ServiceVersion>,
  role: ProcessRole,
): void {
  if (role.role !== 'compute') return;
  const { host } = role;
  const version = versions.get(host);
  if (version === undefined) return;
  const recorded = services.find(host)?.version ?? null;
  if (recorded !== null && version < recorded) {
    throw new Error(
      `the compute service of ${host} has version ${version}, and has reported ${recorded} before: it was downgraded. ` +
        'Requests were accepted that only the newer one can carry out. Start the newer version again; or, when this host ' +
        'is to begin anew, delete its service first (DELETE /os-services/{id})',
    );
  }
  const minimum = services.minimumVersion();
  if (version < minimum) {
    throw new Error(
      `the compute service of ${host} has version ${version}, older than the minimum ${minimum} of this fleet: every API ` +
        'process relies on that minimum, and would refuse again what it accepts today. Start Lifeboat on this host in ' +
        'the version that the other hosts run',
    );
  }
}
