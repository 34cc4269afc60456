import type { HostName, Instant } from '../shared/ids.ts';
import type { Initiator } from '../shared/initiator.ts';
import type { CreateOptions, InstanceDetails } from './instance-details.ts';
import type { NetworkInterface } from './network-interface.ts';
import type { BootImages, FlavorSnapshot, ShelvedImage, SnapshotImage } from './boot-images.ts';

type Asked = { readonly initiator: Initiator; readonly at: Instant };

/** Recorded together with the creation, when anything was asked for. */
type CreateOptionsRecorded = {
  readonly type: 'CreateOptionsRecorded';
  readonly options: CreateOptions;
  readonly at: Instant;
};
/** Recorded together with the creation, when there are any. In the order in which the guest sees them. */
type NetworkInterfacesRecorded = {
  readonly type: 'NetworkInterfacesRecorded';
  readonly interfaces: readonly NetworkInterface[];
  readonly at: Instant;
};
/** The whole of what the owner has written, as it stands from now on. */
type InstanceUpdated = {
  readonly type: 'InstanceUpdated';
  readonly name: string;
  readonly details: InstanceDetails;
} & Asked;
type InstanceMetadataReplaced = {
  readonly type: 'InstanceMetadataReplaced';
  readonly metadata: Readonly<Record<string, string>>;
} & Asked;
type InstanceTagsReplaced = { readonly type: 'InstanceTagsReplaced'; readonly tags: readonly string[] } & Asked;

/** The disks of the server are made anew from these images; what was on them is lost. */
type RebuildRequested = { readonly type: 'RebuildRequested'; readonly images: BootImages } & Asked;
type InstanceRebuilt = { readonly type: 'InstanceRebuilt'; readonly at: Instant };
type RebuildFailed = { readonly type: 'RebuildFailed'; readonly reason: string; readonly at: Instant };

type ResizeRequested = { readonly type: 'ResizeRequested'; readonly flavor: FlavorSnapshot } & Asked;
/** The guest has the new flavor and waits for the owner to confirm or to revert. */
type InstanceResized = { readonly type: 'InstanceResized'; readonly at: Instant };
type ResizeFailed = {
  readonly type: 'ResizeFailed';
  readonly reason: string;
  readonly guestAffected: boolean;
  readonly at: Instant;
};
/** The same as a resize, with the flavor it has and on another host: it waits there for its owner in the same way. */
type ColdMigrationRequested = { readonly type: 'ColdMigrationRequested'; readonly destination: HostName } & Asked;
/** The copy on the host it came from goes first; without such a copy a confirmation needs nothing to be done. */
type ResizeConfirmRequested = { readonly type: 'ResizeConfirmRequested' } & Asked;
type ResizeConfirmed = { readonly type: 'ResizeConfirmed' } & Asked;
type ResizeRevertRequested = { readonly type: 'ResizeRevertRequested' } & Asked;
type ResizeReverted = { readonly type: 'ResizeReverted'; readonly at: Instant };
type ResizeRevertFailed = { readonly type: 'ResizeRevertFailed'; readonly reason: string; readonly at: Instant };

/** What the guest may ask its cloud for, as it stands from now on. */
type GuestDataReplaced = {
  readonly type: 'GuestDataReplaced';
  readonly keyName: string | null;
  /** Base64, as the client gave it. */
  readonly userData: string | null;
} & Asked;

/** The disk becomes this image; then the guest leaves its host. */
type ShelveRequested = { readonly type: 'ShelveRequested'; readonly image: ShelvedImage } & Asked;
type InstanceShelved = { readonly type: 'InstanceShelved'; readonly at: Instant };
type ShelveFailed = {
  readonly type: 'ShelveFailed';
  readonly reason: string;
  readonly guestAffected: boolean;
  readonly at: Instant;
};
/** Host null: there was none that could take it. */
type UnshelveRequested = { readonly type: 'UnshelveRequested'; readonly host: HostName | null } & Asked;
type InstanceUnshelved = { readonly type: 'InstanceUnshelved'; readonly at: Instant };
type UnshelveFailed = { readonly type: 'UnshelveFailed'; readonly reason: string; readonly at: Instant };

/** The disk as it is becomes this image too; the server goes on. */
type SnapshotRequested = { readonly type: 'SnapshotRequested'; readonly image: SnapshotImage } & Asked;
type SnapshotTaken = { readonly type: 'SnapshotTaken'; readonly at: Instant };
/** There is no such image any more. */
type SnapshotFailed = { readonly type: 'SnapshotFailed'; readonly reason: string; readonly at: Instant };

/** Asked for and not done: no driver here reaches into a guest. The password is not part of it. */
type AdminPasswordChangeFailed = { readonly type: 'AdminPasswordChangeFailed'; readonly reason: string } & Asked;
/** What owners change about a server beside its power, its rescue and its place. */
export type ServerChangeEvent =
  | CreateOptionsRecorded
  | NetworkInterfacesRecorded
  | InstanceUpdated
  | InstanceMetadataReplaced
  | InstanceTagsReplaced
  | RebuildRequested
  | InstanceRebuilt
  | RebuildFailed
  | ResizeRequested
  | InstanceResized
  | ResizeFailed
  | ColdMigrationRequested
  | ResizeConfirmRequested
  | ResizeConfirmed
  | ResizeRevertRequested
  | ResizeReverted
  | ResizeRevertFailed
  | GuestDataReplaced
  | ShelveRequested
  | InstanceShelved
  | ShelveFailed
  | UnshelveRequested
  | InstanceUnshelved
  | UnshelveFailed
  | SnapshotRequested
  | SnapshotTaken
  | SnapshotFailed
  | AdminPasswordChangeFailed;

/** A new one does not compile until it is named here. */
const SERVER_CHANGE: Readonly<Record<ServerChangeEvent['type'], true>> = {
  CreateOptionsRecorded: true,
  NetworkInterfacesRecorded: true,
  InstanceUpdated: true,
  InstanceMetadataReplaced: true,
  InstanceTagsReplaced: true,
  RebuildRequested: true,
  InstanceRebuilt: true,
  RebuildFailed: true,
  ResizeRequested: true,
  InstanceResized: true,
  ResizeFailed: true,
  ColdMigrationRequested: true,
  ResizeConfirmRequested: true,
  ResizeConfirmed: true,
  ResizeRevertRequested: true,
  ResizeReverted: true,
  ResizeRevertFailed: true,
  GuestDataReplaced: true,
  ShelveRequested: true,
  InstanceShelved: true,
  ShelveFailed: true,
  UnshelveRequested: true,
  InstanceUnshelved: true,
  UnshelveFailed: true,
  SnapshotRequested: true,
  SnapshotTaken: true,
  SnapshotFailed: true,
  AdminPasswordChangeFailed: true,
};

/** True for what an owner changes about a server, and what becomes of it. */
export function isServerChangeEvent(event: { readonly type: string }): event is ServerChangeEvent {
  return Object.hasOwn(SERVER_CHANGE, event.type);
}
