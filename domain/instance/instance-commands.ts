import type { LiveMigrateFacts, LiveMigrateRefusal } from '../service-version/live-migrate-admission.ts';
import type { HostName, Instant, InstanceId, MigrationId } from '../shared/ids.ts';
import type { Initiator } from '../shared/initiator.ts';
import type { BlockMigration, PowerAction, RebootType } from './instance-events.ts';
import type { BootImages, FlavorSnapshot } from './boot-images.ts';
import type { CreateOptions, InstanceDetails } from './instance-details.ts';
import type { NetworkInterface } from './network-interface.ts';
import type { OriginalDefinition } from './instance-state.ts';
import type { EffectName } from './next-instance-effect.ts';
import type { ServerChangeCommand, ServerChangeRefusal } from './server-change-commands.ts';
import type { VM_STATES_FOR_CHANGE } from './vm-states-for-change.ts';
import type { ObservePowerState } from './power-state.ts';
import type { TaskState, VmState } from './vm-state.ts';

/** Facts every request brings along. */
type Request = { readonly initiator: Initiator; readonly callerIsAdmin: boolean; readonly at: Instant };

export type CreateInstance = {
  readonly type: 'CreateInstance';
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly images: BootImages;
  readonly flavor: FlavorSnapshot;
  readonly requestedHost: HostName | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Left out: nothing beyond the rest was asked for. */
  readonly options?: CreateOptions;
  readonly details?: InstanceDetails;
  readonly tags?: readonly string[];
  /** Base64, as the client gave it. */
  readonly userData?: string;
  readonly networkInterfaces?: readonly NetworkInterface[];
} & Request;
export type RunPowerAction = {
  readonly type: 'RunPowerAction';
  readonly action: PowerAction;
  readonly rebootType: RebootType | null;
} & Request;
export type Rescue = { readonly type: 'Rescue'; readonly rescueImages: BootImages } & Request;
export type Unrescue = { readonly type: 'Unrescue' } & Request;
export type LiveMigrate = {
  readonly type: 'LiveMigrate';
  readonly migrationId: MigrationId;
  readonly blockMigration: BlockMigration;
} & Pick<
  LiveMigrateFacts,
  'microversion' | 'minimumServiceVersion' | 'requestedHost' | 'requestedHostKnown' | 'force'
> &
  Request;
export type Lock = { readonly type: 'Lock'; readonly reason: string | null } & Request;
export type Unlock = { readonly type: 'Unlock' } & Request;
export type ResetState = { readonly type: 'ResetState'; readonly vmState: 'active' | 'error' } & Request;
export type Delete = { readonly type: 'Delete' } & Request;

/** What came of an effect that `nextInstanceEffect` asked for. */
export type EffectOutcome =
  | { readonly effect: 'schedule'; readonly outcome: 'succeeded'; readonly host: HostName }
  | { readonly effect: 'captureDefinition'; readonly outcome: 'succeeded'; readonly original: OriginalDefinition }
  | {
      readonly effect: Exclude<EffectName, 'schedule' | 'captureDefinition'>;
      readonly outcome: 'succeeded';
    }
  | {
      readonly effect: EffectName;
      readonly outcome: 'failed';
      readonly reason: string;
      /** False: the guest is known to be as it was before. */
      readonly guestAffected: boolean;
    };
export type RecordEffectOutcome = {
  readonly type: 'RecordEffectOutcome';
  readonly effectOutcome: EffectOutcome;
  readonly at: Instant;
};

/** The saga tells; all three are recognised by the migration's id and answered with nothing when repeated. */
export type AdoptDestination = {
  readonly type: 'AdoptDestination';
  readonly migrationId: MigrationId;
  readonly host: HostName;
  readonly at: Instant;
};
export type CompleteLiveMigration = {
  readonly type: 'CompleteLiveMigration';
  readonly migrationId: MigrationId;
  readonly at: Instant;
};
export type RollBackLiveMigration = {
  readonly type: 'RollBackLiveMigration';
  readonly migrationId: MigrationId;
  readonly reason: string;
  readonly at: Instant;
};

export type InstanceCommand =
  | ServerChangeCommand
  | CreateInstance
  | RunPowerAction
  | Rescue
  | Unrescue
  | LiveMigrate
  | Lock
  | Unlock
  | ResetState
  | Delete
  | RecordEffectOutcome
  | ObservePowerState
  | AdoptDestination
  | CompleteLiveMigration
  | RollBackLiveMigration;

/** Nova's word for the action in its 409 sentences. */
export type StateCheckedAction =
  PowerAction | 'rescue' | 'unrescue' | 'os-migrateLive' | keyof typeof VM_STATES_FOR_CHANGE | UnavailableAction;

/** What no driver here does; the server's state is checked all the same, since Nova would report it first. */
export type UnavailableAction = 'createBackup' | 'evacuate' | 'shelveOffload' | 'restore' | 'trigger_crash_dump';

export type InstanceRefusal =
  | ServerChangeRefusal
  | LiveMigrateRefusal
  | { readonly reason: 'InstanceNotFound' }
  | { readonly reason: 'InstanceAlreadyExists' }
  | { readonly reason: 'InvalidVmState'; readonly action: StateCheckedAction; readonly vmState: VmState }
  | { readonly reason: 'InvalidTaskState'; readonly action: StateCheckedAction; readonly taskState: TaskState }
  | { readonly reason: 'NeverLaunched'; readonly action: StateCheckedAction };
