import {
  decideFlavor,
  evolveFlavor,
  INITIAL_FLAVOR,
  type FlavorCommand,
  type FlavorEvent,
  type FlavorRefusal,
  type FlavorState,
} from '../domain/flavor/flavor.ts';
import {
  decideKeyPair,
  evolveKeyPair,
  INITIAL_KEY_PAIR,
  type KeyPairCommand,
  type KeyPairEvent,
  type KeyPairRefusal,
  type KeyPairState,
} from '../domain/key-pair/key-pair.ts';
import {
  decideServerGroup,
  evolveServerGroup,
  INITIAL_SERVER_GROUP,
  type ServerGroupCommand,
  type ServerGroupEvent,
  type ServerGroupRefusal,
  type ServerGroupState,
} from '../domain/server-group/server-group.ts';
import { accept } from '../domain/shared/decision.ts';
import type { ServerGroupId, UserId } from '../domain/shared/ids.ts';
import type { ViewEvent } from '../domain/view/view-events.ts';
import type { Aggregate } from './handle-command.ts';
import type { DomainEvent, StreamName } from './ports/event-store.ts';

export const CATALOGUE_OWNER_OF = {
  KeyPairCreated: 'keyPair',
  KeyPairDeleted: 'keyPair',
  ServerGroupCreated: 'serverGroup',
  ServerGroupDeleted: 'serverGroup',
  FlavorCreated: 'flavor',
  FlavorDescribed: 'flavor',
  FlavorExtraSpecsReplaced: 'flavor',
  FlavorDeleted: 'flavor',
  PoisonEventSkipped: 'view',
  ViewRetryRequested: 'view',
  ViewRebuildRequested: 'view',
} as const satisfies Record<KeyPairEvent['type'], 'keyPair'> &
  Record<ServerGroupEvent['type'], 'serverGroup'> &
  Record<FlavorEvent['type'], 'flavor'> &
  Record<ViewEvent['type'], 'view'>;

const OWNERS: ReadonlyMap<string, string> = new Map(Object.entries(CATALOGUE_OWNER_OF));

export const isKeyPairEvent = (event: DomainEvent): event is KeyPairEvent => OWNERS.get(event.type) === 'keyPair';
export const isServerGroupEvent = (event: DomainEvent): event is ServerGroupEvent =>
  OWNERS.get(event.type) === 'serverGroup';
export const isViewEvent = (event: DomainEvent): event is ViewEvent => OWNERS.get(event.type) === 'view';
export const isFlavorEvent = (event: DomainEvent): event is FlavorEvent => OWNERS.get(event.type) === 'flavor';

/** Names are a user's own: two users may each have a key pair of one name. */
export const keyPairStream = (user: UserId, name: string): StreamName => `keyPair-${user}/${name}`;
export const serverGroupStream = (id: ServerGroupId): StreamName => `serverGroup-${id}`;
export const viewStream = (name: string): StreamName => `view-${name}`;
export const flavorStream = (id: string): StreamName => `flavor-${id}`;

export const KEY_PAIR: Aggregate<KeyPairState, KeyPairEvent, KeyPairCommand, KeyPairRefusal> = {
  initial: INITIAL_KEY_PAIR,
  evolve: evolveKeyPair,
  decide: decideKeyPair,
  owns: isKeyPairEvent,
};

export const SERVER_GROUP: Aggregate<ServerGroupState, ServerGroupEvent, ServerGroupCommand, ServerGroupRefusal> = {
  initial: INITIAL_SERVER_GROUP,
  evolve: evolveServerGroup,
  decide: decideServerGroup,
  owns: isServerGroupEvent,
};

export const FLAVOR: Aggregate<FlavorState, FlavorEvent, FlavorCommand, FlavorRefusal> = {
  initial: INITIAL_FLAVOR,
  evolve: evolveFlavor,
  decide: decideFlavor,
  owns: isFlavorEvent,
};

/** Nothing is decided here: whether a view stands still is known to the process that has it, and to no stream. */
export const VIEW: Aggregate<null, ViewEvent, ViewEvent, never> = {
  initial: null,
  evolve: () => null,
  decide: (_state, event) => accept(event),
  owns: isViewEvent,
};
