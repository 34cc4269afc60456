import type { ComputeServiceId, HostName, Instant, ServiceVersion } from '../shared/ids.ts';

type ComputeServiceRegistered = {
  readonly type: 'ComputeServiceRegistered';
  readonly serviceId: ComputeServiceId;
  readonly host: HostName;
  readonly version: ServiceVersion;
  readonly at: Instant;
};
type ComputeServiceUpgraded = {
  readonly type: 'ComputeServiceUpgraded';
  readonly version: ServiceVersion;
  readonly at: Instant;
};
type ComputeServiceWentDown = {
  readonly type: 'ComputeServiceWentDown';
  readonly reason: string;
  readonly at: Instant;
};
type ComputeServiceCameUp = { readonly type: 'ComputeServiceCameUp'; readonly at: Instant };
type ComputeServiceDisabled = {
  readonly type: 'ComputeServiceDisabled';
  readonly reason: string | null;
  readonly at: Instant;
};
type ComputeServiceEnabled = { readonly type: 'ComputeServiceEnabled'; readonly at: Instant };
type ComputeServiceForcedDown = { readonly type: 'ComputeServiceForcedDown'; readonly at: Instant };
type ComputeServiceForcedDownCleared = { readonly type: 'ComputeServiceForcedDownCleared'; readonly at: Instant };
type ComputeServiceRetired = { readonly type: 'ComputeServiceRetired'; readonly at: Instant };

/** Everything that can have happened to one host's compute service. Heartbeats are not among it. */
export type ComputeServiceEvent =
  | ComputeServiceRegistered
  | ComputeServiceUpgraded
  | ComputeServiceWentDown
  | ComputeServiceCameUp
  | ComputeServiceDisabled
  | ComputeServiceEnabled
  | ComputeServiceForcedDown
  | ComputeServiceForcedDownCleared
  | ComputeServiceRetired;
