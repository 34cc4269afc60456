import type { ServerGroupPolicy } from '../server-group/server-group.ts';
import type { HostName } from '../shared/ids.ts';

/** What a server's group and its hints ask of a host. */
export type PlacementWish = {
  /** Null: it is in no group. */
  readonly group: {
    readonly policy: ServerGroupPolicy;
    readonly maxServerPerHost: number | null;
    /** Of the other members, one entry for each. */
    readonly hosts: readonly HostName[];
  } | null;
  /** Hosts of the servers of `same_host`, when there are any, and of `different_host`. */
  readonly sameHost: readonly HostName[] | null;
  readonly differentHost: readonly HostName[];
};

/** Why this host will not do, or null. */
export function refusePlacement(host: HostName, { group, sameHost, differentHost }: PlacementWish): string | null {
  if (differentHost.includes(host)) return 'it has a server that different_host names';
  if (sameHost !== null && !sameHost.includes(host)) return 'it has no server that same_host names';
  if (group === null) return null;
  const members = group.hosts.filter((taken) => taken === host).length;
  if (group.policy === 'affinity' && group.hosts.length > 0 && members === 0) {
    return 'the other members of its server group are on another host (affinity)';
  }
  return group.policy === 'anti-affinity' && members >= (group.maxServerPerHost ?? 1)
    ? 'another member of its server group is there (anti-affinity)'
    : null;
}

/** The larger, the better the host suits a soft policy; 0 when nothing is asked. */
export function placementPreference(host: HostName, { group }: PlacementWish): number {
  if (group === null) return 0;
  const members = group.hosts.filter((taken) => taken === host).length;
  if (group.policy === 'soft-affinity') return members;
  return group.policy === 'soft-anti-affinity' ? -members : 0;
}
