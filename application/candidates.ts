import type { PresentInstance } from '../domain/instance/instance-state.ts';
import type { Candidate } from '../domain/scheduling/choose-host.ts';
import { placementPreference, refusePlacement } from '../domain/scheduling/group-placement.ts';
import type { HostName } from '../domain/shared/ids.ts';
import { isUp } from '../domain/service-version/compute-service-state.ts';
import type { ComputeHosts } from './compute-hosts.ts';
import { placementWishOf } from './placement-wish.ts';
import type { Views } from './views/views.ts';

/** The fleet as the scheduler sees it: what the log says of each compute service, and what its host last reported. */
export function candidatesOf(views: Views, hosts: ComputeHosts, instance: PresentInstance): readonly Candidate[] {
  const wish = placementWishOf(views, instance);
  const claimed = claimedMemoryMiB(views);
  return views.computeServices.all().map((service) => {
    const facts = hosts.facts(service.host);
    return {
      host: service.host,
      up: isUp(service),
      disabled: service.disabled,
      vcpus: facts?.vcpus ?? null,
      memoryFreeMiB: facts === null ? null : facts.memoryMiB - (claimed.get(service.host) ?? 0),
      diskFreeGiB: facts?.diskFreeGiB ?? null,
      placement: {
        refusal: refusePlacement(service.host, wish),
        preference: placementPreference(service.host, wish),
      },
    };
  });
}

/** What the servers on each host may use, whatever they use at the moment: the host must be able to keep its promise. */
function claimedMemoryMiB(views: Views): ReadonlyMap<HostName, number> {
  const claimed = new Map<HostName, number>();
  for (const { existence, host, flavor } of views.servers.all()) {
    if (existence === 'present' && host !== null) claimed.set(host, (claimed.get(host) ?? 0) + flavor.ramMiB);
  }
  return claimed;
}
