import type { LiveMigrateMode } from '../service-version/live-migrate-mode.ts';
import type { BootImages, FlavorSnapshot } from './boot-images.ts';
import type { HostName, Instant, InstanceId, MigrationId } from '../shared/ids.ts';
import type { Initiator } from '../shared/initiator.ts';
import type { ServerChangeEvent } from './server-change-events.ts';
import type { PowerState, VmState } from './vm-state.ts';

export type PowerAction = 'stop' | 'start' | 'pause' | 'unpause' | 'suspend' | 'resume' | 'reboot';
export type RebootType = 'SOFT' | 'HARD';
/** true: copy local disks. false: shared storage. auto: the pre-check finds out. */
export type BlockMigration = true | false | 'auto';

type InstanceCreateRequested = {
  readonly type: 'InstanceCreateRequested';
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly initiator: Initiator;
  readonly images: BootImages;
  readonly flavor: FlavorSnapshot;
  readonly requestedHost: HostName | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly at: Instant;
};
type InstanceScheduled = { readonly type: 'InstanceScheduled'; readonly host: HostName; readonly at: Instant };
type InstanceSpawned = { readonly type: 'InstanceSpawned'; readonly at: Instant };
type InstanceCreateFailed = { readonly type: 'InstanceCreateFailed'; readonly reason: string; readonly at: Instant };

type PowerActionRequested = {
  readonly type: 'PowerActionRequested';
  readonly action: PowerAction;
  /** Only for `reboot`. */
  readonly rebootType: RebootType | null;
  readonly initiator: Initiator;
  readonly at: Instant;
};
type PowerActionCompleted = {
  readonly type: 'PowerActionCompleted';
  readonly action: PowerAction;
  readonly at: Instant;
};
type PowerActionFailed = {
  readonly type: 'PowerActionFailed';
  readonly action: PowerAction;
  readonly reason: string;
  readonly at: Instant;
};

/** The hypervisor says otherwise than was known: the guest has switched itself off, or somebody has from outside. */
type PowerStateObserved = {
  readonly type: 'PowerStateObserved';
  readonly powerState: PowerState;
  readonly at: Instant;
};

type RescueRequested = {
  readonly type: 'RescueRequested';
  readonly rescueImages: BootImages;
  readonly initiator: Initiator;
  readonly at: Instant;
};
/** The original definition, recorded before the guest is touched: `unrescue.xml` can be rebuilt from the log. */
type OriginalDefinitionCaptured = {
  readonly type: 'OriginalDefinitionCaptured';
  readonly definition: string;
  readonly sha256: string;
  readonly at: Instant;
};
type InstanceRescued = { readonly type: 'InstanceRescued'; readonly at: Instant };
type RescueFailed = {
  readonly type: 'RescueFailed';
  readonly reason: string;
  /** False when the guest was never powered off: the server stays what it was (nova.md C.2). */
  readonly guestAffected: boolean;
  readonly at: Instant;
};

type UnrescueRequested = { readonly type: 'UnrescueRequested'; readonly initiator: Initiator; readonly at: Instant };
type InstanceUnrescued = { readonly type: 'InstanceUnrescued'; readonly at: Instant };
type UnrescueFailed = { readonly type: 'UnrescueFailed'; readonly reason: string; readonly at: Instant };

type LiveMigrationRequested = {
  readonly type: 'LiveMigrationRequested';
  readonly migrationId: MigrationId;
  readonly source: HostName;
  readonly requestedHost: HostName | null;
  readonly blockMigration: BlockMigration;
  readonly initiator: Initiator;
  readonly at: Instant;
} & LiveMigrateMode;
/** The guest runs on the destination and the source copy is gone: from here on the server lives there. */
type DestinationAdopted = {
  readonly type: 'DestinationAdopted';
  readonly migrationId: MigrationId;
  readonly host: HostName;
  readonly at: Instant;
};
type LiveMigrationCompleted = {
  readonly type: 'LiveMigrationCompleted';
  readonly migrationId: MigrationId;
  readonly at: Instant;
};
type LiveMigrationRolledBack = {
  readonly type: 'LiveMigrationRolledBack';
  readonly migrationId: MigrationId;
  readonly reason: string;
  readonly at: Instant;
};

type InstanceLocked = {
  readonly type: 'InstanceLocked';
  readonly reason: string | null;
  readonly initiator: Initiator;
  readonly at: Instant;
};
type InstanceUnlocked = { readonly type: 'InstanceUnlocked'; readonly initiator: Initiator; readonly at: Instant };
type InstanceStateReset = {
  readonly type: 'InstanceStateReset';
  readonly vmState: Extract<VmState, 'active' | 'error'>;
  readonly initiator: Initiator;
  readonly at: Instant;
};

type DeleteRequested = { readonly type: 'DeleteRequested'; readonly initiator: Initiator; readonly at: Instant };
type InstanceDeleted = { readonly type: 'InstanceDeleted'; readonly at: Instant };
type DeleteFailed = { readonly type: 'DeleteFailed'; readonly reason: string; readonly at: Instant };

/** Everything that can have happened to an Instance. Stored for ever: a change of meaning is a new event. */
export type InstanceEvent =
  | ServerChangeEvent
  | InstanceCreateRequested
  | InstanceScheduled
  | InstanceSpawned
  | InstanceCreateFailed
  | PowerActionRequested
  | PowerActionCompleted
  | PowerActionFailed
  | PowerStateObserved
  | RescueRequested
  | OriginalDefinitionCaptured
  | InstanceRescued
  | RescueFailed
  | UnrescueRequested
  | InstanceUnrescued
  | UnrescueFailed
  | LiveMigrationRequested
  | DestinationAdopted
  | LiveMigrationCompleted
  | LiveMigrationRolledBack
  | InstanceLocked
  | InstanceUnlocked
  | InstanceStateReset
  | DeleteRequested
  | InstanceDeleted
  | DeleteFailed;
