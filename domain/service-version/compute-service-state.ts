import type { ComputeServiceId, HostName, Instant, ServiceVersion } from '../shared/ids.ts';

export type RegisteredComputeService = {
  readonly existence: 'registered';
  readonly serviceId: ComputeServiceId;
  readonly host: HostName;
  readonly version: ServiceVersion;
  /** By its own account: it reports, and its hypervisor answers. */
  readonly up: boolean;
  readonly downReason: string | null;
  readonly disabled: boolean;
  readonly disabledReason: string | null;
  readonly forcedDown: boolean;
  readonly updatedAt: Instant;
};

export type ComputeServiceState =
  | { readonly existence: 'absent' }
  | RegisteredComputeService
  | (Omit<RegisteredComputeService, 'existence'> & { readonly existence: 'retired' });

export const INITIAL_COMPUTE_SERVICE: ComputeServiceState = { existence: 'absent' };

/** `up` as the API tells it: reporting, and not forced down by an operator. */
export function isUp(service: RegisteredComputeService): boolean {
  return service.up && !service.forcedDown;
}
