import type { HostName, ImageId, Instant } from '../shared/ids.ts';
import type { Initiator } from '../shared/initiator.ts';
import type { GuestData, InstanceDetails } from './instance-details.ts';
import type { BootImages, FlavorSnapshot, SnapshotImage } from './boot-images.ts';

type Request = { readonly initiator: Initiator; readonly callerIsAdmin: boolean; readonly at: Instant };

/** `null` leaves a thing as it is. */
export type UpdateInstance = {
  readonly type: 'UpdateInstance';
  readonly name: string | null;
  readonly details: Partial<InstanceDetails>;
} & Request;

export type MetadataChange =
  | { readonly change: 'merge' | 'replace'; readonly items: Readonly<Record<string, string>> }
  | { readonly change: 'remove'; readonly key: string };
export type ChangeMetadata = { readonly type: 'ChangeMetadata'; readonly wanted: MetadataChange } & Request;

export type TagsChange =
  | { readonly change: 'add' | 'remove'; readonly tag: string }
  | { readonly change: 'replace'; readonly tags: readonly string[] };
export type ChangeTags = { readonly type: 'ChangeTags'; readonly wanted: TagsChange } & Request;

/** `metadata` null: unchanged. */
export type Rebuild = {
  readonly type: 'Rebuild';
  readonly images: BootImages;
  readonly name: string | null;
  readonly details: Partial<InstanceDetails>;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Left out: unchanged. */
  readonly guestData?: Partial<GuestData>;
} & Request;

export type Resize = {
  readonly type: 'Resize';
  readonly flavor: FlavorSnapshot;
  /** Left out: unchanged. */
  readonly details?: Partial<InstanceDetails>;
} & Request;
export type ColdMigrate = { readonly type: 'ColdMigrate'; readonly destination: HostName } & Request;
export type ConfirmResize = { readonly type: 'ConfirmResize' } & Request;
export type RevertResize = { readonly type: 'RevertResize' } & Request;
export type Shelve = { readonly type: 'Shelve'; readonly imageId: ImageId } & Request;
export type Unshelve = { readonly type: 'Unshelve'; readonly host: HostName | null } & Request;
export type CreateImage = { readonly type: 'CreateImage'; readonly image: SnapshotImage } & Request;
export type ChangeAdminPassword = { readonly type: 'ChangeAdminPassword' } & Request;

export type ServerChangeCommand =
  | UpdateInstance
  | ChangeMetadata
  | ChangeTags
  | Rebuild
  | Resize
  | ColdMigrate
  | ConfirmResize
  | RevertResize
  | Shelve
  | Unshelve
  | CreateImage
  | ChangeAdminPassword;

export type ServerChangeRefusal =
  | { readonly reason: 'MetadataItemNotFound' }
  | { readonly reason: 'TooManyMetadataItems' }
  | { readonly reason: 'TagNotFound'; readonly tag: string }
  | { readonly reason: 'TooManyTags' }
  | { readonly reason: 'FlavorUnchanged' };
