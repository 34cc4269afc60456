import type { PresentInstance } from '../domain/instance/instance-state.ts';
import { chooseHosts } from '../domain/scheduling/choose-host.ts';
import type { HostName } from '../domain/shared/ids.ts';
import { candidatesOf } from './candidates.ts';
import type { ComputeHosts } from './compute-hosts.ts';
import type { Views } from './views/views.ts';

type Fleet = { readonly views: Views; readonly hosts: ComputeHosts };

/** Where a server can go that does not run while it moves; null: nowhere, or its driver moves only those that run. */
export function coldMigrationDestination(
  { views, hosts }: Fleet,
  instance: PresentInstance,
  requested: HostName | null,
): HostName | null {
  const { host, flavor } = instance;
  if (host === null || !movesCold(hosts, host)) return null;
  const choice = chooseHosts(candidatesOf(views, hosts, instance), flavor, requested, [host]);
  return choice.hosts.find((chosen) => movesCold(hosts, chosen)) ?? null;
}

const movesCold = (hosts: ComputeHosts, host: HostName): boolean => hosts.abilities(host).movesCold;

/** Whether the disk of the server can become an image. */
export const canBeShelved = ({ hosts }: Fleet, { host }: PresentInstance): boolean =>
  host !== null && hosts.abilities(host).storesImages;

/** Where a shelved server can be brought back; null: nowhere. */
export function unshelveDestination(
  { views, hosts }: Fleet,
  instance: PresentInstance,
  requested: HostName | null,
): HostName | null {
  return chooseHosts(candidatesOf(views, hosts, instance), instance.flavor, requested, []).hosts[0] ?? null;
}
