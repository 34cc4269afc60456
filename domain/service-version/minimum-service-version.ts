import { serviceVersion, type ServiceVersion } from '../shared/ids.ts';
import type { ComputeServiceState } from './compute-service-state.ts';

/**
 * The oldest version in the deployment, which decides what the API may promise. Disabled and merely silent services
 * count, since they may come back; forced-down and retired ones do not; none at all is 0 (nova.md E.2). Never cached.
 */
export function minimumServiceVersion(services: Iterable<ComputeServiceState>): ServiceVersion {
  let minimum: ServiceVersion | null = null;
  for (const service of services) {
    if (service.existence !== 'registered' || service.forcedDown) continue;
    if (minimum === null || service.version < minimum) minimum = service.version;
  }
  return minimum ?? serviceVersion(0);
}
