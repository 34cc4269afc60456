import type { HostName, Instant, InstanceId, MigrationId } from '../shared/ids.ts';
import type { Initiator } from '../shared/initiator.ts';
import type { NetworkInterface } from './network-interface.ts';
import type { CreateOptions, InstanceDetails } from './instance-details.ts';
import type { PowerAction, RebootType } from './instance-events.ts';
import type { BootImages, FlavorSnapshot, ShelvedImage, SnapshotImage } from './boot-images.ts';
import type { PowerState, TaskState, VmState } from './vm-state.ts';

export type OriginalDefinition = { readonly definition: string; readonly sha256: string };

/** Kept from the rescue until the unrescue, whatever an operator does to vm_state by hand (nova.md D.3-26). */
export type RescueRecord = { readonly images: BootImages; readonly original: OriginalDefinition };

/** What is being done to the server. Its name in the API is the task_state. */
export type InstanceTask =
  | { readonly task: 'schedule' }
  | { readonly task: 'spawn' }
  | { readonly task: 'power'; readonly action: PowerAction; readonly rebootType: RebootType | null }
  | { readonly task: 'rescue'; readonly images: BootImages; readonly original: OriginalDefinition | null }
  | { readonly task: 'unrescue' }
  | { readonly task: 'migrate' }
  /** A server that was stopped is stopped again. */
  | { readonly task: 'rebuild'; readonly stopAfter: boolean }
  | { readonly task: 'resize'; readonly flavor: FlavorSnapshot }
  | { readonly task: 'coldMigrate'; readonly destination: HostName }
  | { readonly task: 'confirmResize'; readonly initiator: Initiator }
  | { readonly task: 'revertResize' }
  | { readonly task: 'shelve'; readonly image: ShelvedImage }
  | { readonly task: 'snapshot'; readonly image: SnapshotImage }
  | { readonly task: 'unshelve'; readonly host: HostName | null }
  | { readonly task: 'delete' };

export type PresentInstance = {
  readonly existence: 'present';
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly owner: Initiator;
  readonly images: BootImages;
  readonly flavor: FlavorSnapshot;
  readonly metadata: Readonly<Record<string, string>>;
  readonly details: InstanceDetails;
  readonly options: CreateOptions;
  /** In the order in which they were put on. */
  readonly tags: readonly string[];
  readonly networkInterfaces: readonly NetworkInterface[];
  readonly requestedHost: HostName | null;
  /** Null until it is scheduled. */
  readonly host: HostName | null;
  readonly vmState: VmState;
  /** What the hypervisor has said since the last change that was asked for; null: nothing other than expected. */
  readonly observedPower: PowerState | null;
  readonly task: InstanceTask | null;
  readonly launchedAt: Instant | null;
  readonly locked: boolean;
  readonly lockedReason: string | null;
  readonly rescue: RescueRecord | null;
  /** What a resize that waits for its owner's word came from. */
  readonly resize: {
    readonly flavor: FlavorSnapshot;
    readonly vmState: 'active' | 'stopped';
    /** Where the guest as it was still stands, switched off; null: it is the same guest on the same host. */
    readonly source: HostName | null;
  } | null;
  /** What the disk has become while the server is on no host. */
  readonly shelved: ShelvedImage | null;
  readonly userData: string | null;
  /** Set from the request of a live migration until its saga has ended. */
  readonly migration: MigrationId | null;
  /** Of the last failure; shown while the server is in error. */
  readonly fault: { readonly reason: string; readonly at: Instant } | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
};

export type InstanceState =
  | { readonly existence: 'absent' }
  | PresentInstance
  | (Omit<PresentInstance, 'existence'> & { readonly existence: 'deleted'; readonly deletedAt: Instant });

export const INITIAL_INSTANCE: InstanceState = { existence: 'absent' };

/** Nova's task_state for the task in progress; null when idle. */
export function taskStateOf(instance: Pick<PresentInstance, 'task'>): TaskState | null {
  const task = instance.task;
  if (task === null) return null;
  switch (task.task) {
    case 'schedule':
      return 'scheduling';
    case 'spawn':
      return 'spawning';
    case 'power':
      return task.rebootType === 'HARD' ? 'rebooting_hard' : TASK_STATE_OF_POWER_ACTION[task.action];
    case 'rescue':
      return 'rescuing';
    case 'unrescue':
      return 'unrescuing';
    case 'migrate':
      return 'migrating';
    case 'rebuild':
      return 'rebuilding';
    case 'resize':
      return 'resize_migrating';
    case 'coldMigrate':
      return 'resize_migrating';
    case 'confirmResize':
      return 'resize_confirming';
    case 'revertResize':
      return 'resize_reverting';
    case 'shelve':
      return 'shelving';
    case 'snapshot':
      return 'image_snapshot';
    case 'unshelve':
      return 'unshelving';
    case 'delete':
      return 'deleting';
  }
}

const TASK_STATE_OF_POWER_ACTION = {
  stop: 'powering-off',
  start: 'powering-on',
  pause: 'pausing',
  unpause: 'unpausing',
  suspend: 'suspending',
  resume: 'resuming',
  reboot: 'rebooting',
} as const satisfies Record<PowerAction, TaskState>;
