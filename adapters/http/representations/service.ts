import type { ComputeServiceRow } from '../../../application/views/compute-services-view.ts';
import { isUp } from '../../../domain/service-version/compute-service-state.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import type { ComputeServiceId, Instant } from '../../../domain/shared/ids.ts';
import { supports } from '../supports.ts';
import { inMicroseconds, truncatedToSeconds } from '../time-format.ts';

export const COMPUTE_BINARY = 'nova-compute';
export const AVAILABILITY_ZONE = 'nova';

/** A number below 2.53, and from there the UUID. */
export function serviceIdAt(
  { number, serviceId }: ComputeServiceRow,
  microversion: Microversion,
): number | ComputeServiceId {
  return supports(microversion, 53) ? serviceId : number;
}

/** One row of `os-services` (nova.md E.4). The service version is told by no API. */
export function computeService(row: ComputeServiceRow, microversion: Microversion, now: Instant): object {
  const up = isUp(row);
  return {
    binary: COMPUTE_BINARY,
    host: row.host,
    id: serviceIdAt(row, microversion),
    zone: AVAILABILITY_ZONE,
    status: row.disabled ? 'disabled' : 'enabled',
    state: up ? 'up' : 'down',
    // Heartbeats are not recorded; a service that is up is by definition reporting.
    updated_at: inMicroseconds(up ? truncatedToSeconds(now) : row.updatedAt),
    disabled_reason: row.disabledReason,
    ...(supports(microversion, 11) ? { forced_down: row.forcedDown } : {}),
  };
}
