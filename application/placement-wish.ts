import type { PresentInstance } from '../domain/instance/instance-state.ts';
import type { PlacementWish } from '../domain/scheduling/group-placement.ts';
import { instanceId, type HostName } from '../domain/shared/ids.ts';
import type { Views } from './views/views.ts';

/** Read when a host is chosen, for a new server and for one that moves. A group that is gone asks for nothing. */
export function placementWishOf(views: Views, { instanceId: own, options }: PresentInstance): PlacementWish {
  const { serverGroupId, schedulerHints } = options;
  const group = serverGroupId === null ? null : views.serverGroups.find(serverGroupId);
  const hostsOf = (hint: string): readonly HostName[] | null => {
    const named = [schedulerHints[hint] ?? []].flat();
    return named.length === 0 ? null : named.flatMap((id) => views.servers.find(instanceId(id))?.host ?? []);
  };
  return {
    group:
      group === null
        ? null
        : {
            policy: group.policy,
            maxServerPerHost: group.maxServerPerHost,
            hosts: views.servers
              .membersOf(group.serverGroupId)
              .flatMap(({ instanceId: member, host }) => (member === own || host === null ? [] : [host])),
          },
    sameHost: hostsOf('same_host'),
    differentHost: hostsOf('different_host') ?? [],
  };
}
