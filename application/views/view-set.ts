import type { EventOwner } from '../aggregates.ts';
import { ComputeServicesView } from './compute-services-view.ts';
import { FlavorsView } from './flavors-view.ts';
import { FollowedView } from './followed-view.ts';
import { InstanceActionsView } from './instance-actions-view.ts';
import { KeyPairsView } from './key-pairs-view.ts';
import { MigrationsView } from './migrations-view.ts';
import { ServerGroupsView } from './server-groups-view.ts';
import { ServersView } from './servers-view.ts';
import type { ViewStop } from './view-stopped.ts';

/** Of all views there are, in the order in which they are fed and shown. */
export const VIEW_NAMES = [
  'servers',
  'migrations',
  'instanceActions',
  'computeServices',
  'keyPairs',
  'serverGroups',
  'flavors',
] as const;

export type ViewName = (typeof VIEW_NAMES)[number];

/** Each view, empty. `onStop` is told whenever one of them stops. */
export const newViewSet = (onStop: (view: string, stop: ViewStop) => void) => ({
  servers: new FollowedView('servers', () => new ServersView(), onStop),
  migrations: new FollowedView('migrations', () => new MigrationsView(), onStop),
  instanceActions: new FollowedView('instanceActions', () => new InstanceActionsView(), onStop),
  computeServices: new FollowedView('computeServices', () => new ComputeServicesView(), onStop),
  keyPairs: new FollowedView('keyPairs', () => new KeyPairsView(), onStop),
  serverGroups: new FollowedView('serverGroups', () => new ServerGroupsView(), onStop),
  flavors: new FollowedView('flavors', () => new FlavorsView(), onStop),
});

/** Which views an event is shown to; the others have nothing to say to it. */
export const FED_BY: Readonly<Record<EventOwner, readonly ViewName[]>> = {
  instance: ['servers', 'migrations', 'instanceActions'],
  migrationSaga: ['migrations', 'instanceActions'],
  computeService: ['computeServices'],
  keyPair: ['keyPairs'],
  serverGroup: ['serverGroups'],
  flavor: ['flavors'],
  view: [],
};

export const isViewName = (name: string): name is ViewName => VIEW_NAMES.some((known) => known === name);
