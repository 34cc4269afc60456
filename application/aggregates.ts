import { decideInstance } from '../domain/instance/decide-instance.ts';
import { evolveInstance } from '../domain/instance/evolve-instance.ts';
import type { InstanceCommand, InstanceRefusal } from '../domain/instance/instance-commands.ts';
import type { InstanceEvent } from '../domain/instance/instance-events.ts';
import { INITIAL_INSTANCE, type InstanceState } from '../domain/instance/instance-state.ts';
import { decideLever, isLeverCommand, type LeverCommand, type LeverRefusal } from '../domain/migration/decide-lever.ts';
import { decideDriver, type ClaimCommand, type ClaimLost } from '../domain/migration/decide-driver.ts';
import { decideSaga, type SagaCommand } from '../domain/migration/decide-saga.ts';
import { evolveSaga } from '../domain/migration/evolve-saga.ts';
import type { SagaEvent } from '../domain/migration/saga-events.ts';
import { INITIAL_SAGA, type SagaState } from '../domain/migration/saga-state.ts';
import type { ComputeServiceEvent } from '../domain/service-version/compute-service-events.ts';
import { INITIAL_COMPUTE_SERVICE, type ComputeServiceState } from '../domain/service-version/compute-service-state.ts';
import {
  decideComputeService,
  type ComputeServiceCommand,
  type ComputeServiceRefusal,
} from '../domain/service-version/decide-compute-service.ts';
import { evolveComputeService } from '../domain/service-version/evolve-compute-service.ts';
import { accept } from '../domain/shared/decision.ts';
import type { HostName, InstanceId, MigrationId } from '../domain/shared/ids.ts';
import { CATALOGUE_OWNER_OF } from './catalogue-aggregates.ts';
import type { Aggregate } from './handle-command.ts';
import type { DomainEvent, StreamName } from './ports/event-store.ts';

/** Which aggregate each event belongs to. A new event type does not compile until it is named, here or there. */
const OWNER_OF = {
  ...CATALOGUE_OWNER_OF,
  InstanceCreateRequested: 'instance',
  InstanceScheduled: 'instance',
  InstanceSpawned: 'instance',
  InstanceCreateFailed: 'instance',
  PowerActionRequested: 'instance',
  PowerActionCompleted: 'instance',
  PowerActionFailed: 'instance',
  PowerStateObserved: 'instance',
  RescueRequested: 'instance',
  OriginalDefinitionCaptured: 'instance',
  InstanceRescued: 'instance',
  RescueFailed: 'instance',
  UnrescueRequested: 'instance',
  InstanceUnrescued: 'instance',
  UnrescueFailed: 'instance',
  LiveMigrationRequested: 'instance',
  DestinationAdopted: 'instance',
  LiveMigrationCompleted: 'instance',
  LiveMigrationRolledBack: 'instance',
  InstanceLocked: 'instance',
  InstanceUnlocked: 'instance',
  InstanceStateReset: 'instance',
  DeleteRequested: 'instance',
  InstanceDeleted: 'instance',
  DeleteFailed: 'instance',
  CreateOptionsRecorded: 'instance',
  NetworkInterfacesRecorded: 'instance',
  InstanceUpdated: 'instance',
  InstanceMetadataReplaced: 'instance',
  InstanceTagsReplaced: 'instance',
  RebuildRequested: 'instance',
  InstanceRebuilt: 'instance',
  RebuildFailed: 'instance',
  ResizeRequested: 'instance',
  InstanceResized: 'instance',
  ResizeFailed: 'instance',
  ColdMigrationRequested: 'instance',
  ResizeConfirmRequested: 'instance',
  ResizeConfirmed: 'instance',
  GuestDataReplaced: 'instance',
  ShelveRequested: 'instance',
  InstanceShelved: 'instance',
  ShelveFailed: 'instance',
  UnshelveRequested: 'instance',
  InstanceUnshelved: 'instance',
  UnshelveFailed: 'instance',
  SnapshotRequested: 'instance',
  SnapshotTaken: 'instance',
  SnapshotFailed: 'instance',
  ResizeRevertRequested: 'instance',
  ResizeReverted: 'instance',
  ResizeRevertFailed: 'instance',
  AdminPasswordChangeFailed: 'instance',
  MigrationAccepted: 'migrationSaga',
  MigrationClaimed: 'migrationSaga',
  StepStarted: 'migrationSaga',
  StepSucceeded: 'migrationSaga',
  StepFailed: 'migrationSaga',
  StepOutcomeUnknown: 'migrationSaga',
  PhaseReached: 'migrationSaga',
  UndoStarted: 'migrationSaga',
  UndoSucceeded: 'migrationSaga',
  UndoFailed: 'migrationSaga',
  AbortRequested: 'migrationSaga',
  ForceCompleteRequested: 'migrationSaga',
  OperatorResolved: 'migrationSaga',
  ComputeServiceRegistered: 'computeService',
  ComputeServiceUpgraded: 'computeService',
  ComputeServiceWentDown: 'computeService',
  ComputeServiceCameUp: 'computeService',
  ComputeServiceDisabled: 'computeService',
  ComputeServiceEnabled: 'computeService',
  ComputeServiceForcedDown: 'computeService',
  ComputeServiceForcedDownCleared: 'computeService',
  ComputeServiceRetired: 'computeService',
} as const satisfies Record<InstanceEvent['type'], 'instance'> &
  Record<SagaEvent['type'], 'migrationSaga'> &
  Record<ComputeServiceEvent['type'], 'computeService'>;

/** What kind of stream an event belongs to. */
export type EventOwner = (typeof OWNER_OF)[DomainEvent['type']];
const OWNERS: ReadonlyMap<DomainEvent['type'], EventOwner> = new Map(
  // The keys of the table above are what its type says.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  Object.entries(OWNER_OF) as [DomainEvent['type'], EventOwner][],
);

/** Null: a type that this program does not know. */
export const ownerOf = ({ type }: DomainEvent): EventOwner | null => OWNERS.get(type) ?? null;
export const isInstanceEvent = (event: DomainEvent): event is InstanceEvent => OWNER_OF[event.type] === 'instance';
export const isSagaEvent = (event: DomainEvent): event is SagaEvent => OWNER_OF[event.type] === 'migrationSaga';
export const isComputeServiceEvent = (event: DomainEvent): event is ComputeServiceEvent =>
  OWNER_OF[event.type] === 'computeService';

export const instanceStream = (id: InstanceId): StreamName => `instance-${id}`;
export const migrationSagaStream = (id: MigrationId): StreamName => `migrationSaga-${id}`;
export const computeServiceStream = (host: HostName): StreamName => `computeService-${host}`;

export const INSTANCE: Aggregate<InstanceState, InstanceEvent, InstanceCommand, InstanceRefusal> = {
  initial: INITIAL_INSTANCE,
  evolve: evolveInstance,
  decide: decideInstance,
  owns: isInstanceEvent,
};

export const MIGRATION_SAGA: Aggregate<SagaState, SagaEvent, SagaCommand | LeverCommand, LeverRefusal> = {
  initial: INITIAL_SAGA,
  evolve: evolveSaga,
  decide: (state, command) =>
    isLeverCommand(command) ? decideLever(state, command) : accept(...decideSaga(state, command)),
  owns: isSagaEvent,
};

/** The same stream, told by the driver of that epoch: refused as soon as another one has claimed the migration. */
export const drivenSaga = (epoch: number): Aggregate<SagaState, SagaEvent, SagaCommand | ClaimCommand, ClaimLost> => ({
  ...MIGRATION_SAGA,
  decide: (state, command) => decideDriver(state, command, epoch),
});

export const COMPUTE_SERVICE: Aggregate<
  ComputeServiceState,
  ComputeServiceEvent,
  ComputeServiceCommand,
  ComputeServiceRefusal
> = {
  initial: INITIAL_COMPUTE_SERVICE,
  evolve: evolveComputeService,
  decide: decideComputeService,
  owns: isComputeServiceEvent,
};
