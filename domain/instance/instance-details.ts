import type { ServerGroupId } from '../shared/ids.ts';

/** What an owner may write about a server and change at any time; it changes nothing about the guest. */
export type InstanceDetails = {
  /** Null: none. Clients below 2.19 do not know it and get the name, as in Nova. */
  readonly description: string | null;
  /** Null: derived from the name. */
  readonly hostname: string | null;
  /** Empty: none. */
  readonly accessIpV4: string;
  readonly accessIpV6: string;
  readonly diskConfig: 'AUTO' | 'MANUAL';
};

/** What was asked for at the creation and stays as it was then. */
export type CreateOptions = {
  readonly keyName: string | null;
  /** The group among whose members a host is chosen. */
  readonly serverGroupId: ServerGroupId | null;
  readonly schedulerHints: Readonly<Record<string, string | readonly string[]>>;
  /** As given by the client, without a host behind it. */
  readonly availabilityZone: string | null;
  /** Shared by the servers of one request; null: the server's own. */
  readonly reservationId: string | null;
  /** Place among the servers of one request, from 0. */
  readonly launchIndex: number;
  /** The guest reads what its cloud says of it from a disk; left out: no. */
  readonly configDrive?: boolean;
};

/** What a guest may ask its cloud for. */
export type GuestData = { readonly keyName: string | null; readonly userData: string | null };

export const NO_DETAILS: InstanceDetails = {
  description: null,
  hostname: null,
  accessIpV4: '',
  accessIpV6: '',
  diskConfig: 'MANUAL',
};

export const NO_OPTIONS: CreateOptions = {
  keyName: null,
  serverGroupId: null,
  schedulerHints: {},
  availabilityZone: null,
  reservationId: null,
  launchIndex: 0,
};

/** Nova's `[quota] metadata_items` and the bound of server tags. */
export const METADATA_ITEMS_MAX = 128;
export const TAGS_MAX = 50;
