import type { ServiceIdentifier } from 'inversify';
import type { ComputeApi } from '../../application/compute-api.ts';
import type { ComputeHosts } from '../../application/compute-hosts.ts';
import type { ComputeServiceReporter } from '../../application/compute-service-reporter.ts';
import type { FleetWatch } from '../../application/fleet-watch.ts';
import type { HostClaims } from '../../application/host-claims.ts';
import type { MigrationProgressBoard } from '../../application/migration-progress-board.ts';
import type { ArtifactTransfer } from '../../application/ports/artifact-transfer.ts';
import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { EventStore } from '../../application/ports/event-store.ts';
import type { Flavors } from '../../application/ports/flavors.ts';
import type { IdSource } from '../../application/ports/id-source.ts';
import type { ImageService } from '../../application/ports/image-service.ts';
import type { LatestValues } from '../../application/ports/latest-values.ts';
import type { Log } from '../../application/ports/log.ts';
import type { PowerStateSynchroniser } from '../../application/power-state-synchroniser.ts';
import type { ProcessLease } from '../../application/process-lease.ts';
import type { RescueTimeout } from '../../application/rescue-timeout.ts';
import type { SagaDependencies } from '../../application/saga-step-dependencies.ts';
import type { ViewSnapshots } from '../../application/ports/view-snapshots.ts';
import type { Views } from '../../application/views/views.ts';
import type { RemoteSimulatedCloud } from '../simulated/remote/remote-simulated-cloud.ts';
import type { HttpDependencies } from '../http/http-dependencies.ts';
import type { Hypervisors } from './hypervisors.ts';
import type { ImageCacheWatch } from './image-cache-watch.ts';
import type { OpenedIdentity } from './identities.ts';

const token = <Service>(name: string): ServiceIdentifier<Service> => Symbol(name);

/** One name for each thing that is built once. */
export const TOKENS = {
  clock: token<Clock>('Clock'),
  ids: token<IdSource>('IdSource'),
  identity: token<OpenedIdentity>('OpenedIdentity'),
  log: token<Log>('Log'),
  eventStore: token<EventStore>('EventStore'),
  checkpoints: token<CheckpointStore>('CheckpointStore'),
  images: token<ImageService>('ImageService'),
  flavors: token<Flavors>('Flavors'),
  sharedCloud: token<RemoteSimulatedCloud | null>('RemoteSimulatedCloud'),
  hypervisors: token<Hypervisors>('Hypervisors'),
  hosts: token<ComputeHosts>('ComputeHosts'),
  transfer: token<ArtifactTransfer>('ArtifactTransfer'),
  views: token<Views>('Views'),
  viewSnapshots: token<ViewSnapshots>('ViewSnapshots'),
  latestValues: token<LatestValues>('LatestValues'),
  lease: token<ProcessLease>('ProcessLease'),
  claims: token<HostClaims>('HostClaims'),
  fleetWatch: token<FleetWatch>('FleetWatch'),
  progress: token<MigrationProgressBoard>('MigrationProgressBoard'),
  computeApi: token<ComputeApi>('ComputeApi'),
  reporter: token<ComputeServiceReporter>('ComputeServiceReporter'),
  powerStates: token<PowerStateSynchroniser>('PowerStateSynchroniser'),
  imageCaches: token<ImageCacheWatch>('ImageCacheWatch'),
  rescueTimeout: token<RescueTimeout>('RescueTimeout'),
  saga: token<SagaDependencies>('SagaDependencies'),
  http: token<HttpDependencies>('HttpDependencies'),
} as const;
