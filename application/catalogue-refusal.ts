import type { FlavorRefusal } from '../domain/flavor/flavor.ts';
import type { KeyPairRefusal } from '../domain/key-pair/key-pair.ts';
import type { ServerGroupRefusal } from '../domain/server-group/server-group.ts';

/** Why a key pair, a server group or a flavor is not as it was asked to be, and a server not made of them. */
export type CatalogueRefusal =
  | KeyPairRefusal
  | ServerGroupRefusal
  | FlavorRefusal
  | { readonly reason: 'TooManyKeyPairs' }
  | { readonly reason: 'TooManyServerGroups' }
  | { readonly reason: 'TooManyServerGroupMembers' }
  | { readonly reason: 'FlavorNameTaken'; readonly name: string }
  | { readonly reason: 'ResizeDiskTooSmall' }
  /** Named by the creation of a server. */
  | { readonly reason: 'KeyPairUnknown'; readonly name: string }
  | { readonly reason: 'ServerGroupUnknown'; readonly groupId: string };
