import type { PresentInstance } from '../domain/instance/instance-state.ts';
import type { Candidate } from '../domain/scheduling/choose-host.ts';
import { placementPreference, refusePlacement } from '../domain/scheduling/group-placement.ts';
import { isUp } from '../domain/service-version/compute-service-state.ts';
import type { ComputeHosts } from './compute-hosts.ts';
import { placementWishOf } from './placement-wish.ts';
import type { Views } from './views/views.ts';

/** The fleet as the scheduler sees it: what the log says of each compute service, and what its host last reported. */
export function candidatesOf(views: Views, hosts: ComputeHosts, instance: PresentInstance): readonly Candidate[] {
  const wish = placementWishOf(views, instance);
  return views.computeServices.all().map((service) => {
    const facts = hosts.facts(service.host);
    return {
      host: service.host,
      up: isUp(service),
      disabled: service.disabled,
      vcpus: facts?.vcpus ?? null,
      memoryFreeMiB: facts === null ? null : facts.memoryMiB - views.servers.claimedMemoryMiB(service.host),
      diskFreeGiB: facts?.diskFreeGiB ?? null,
      placement: {
        refusal: refusePlacement(service.host, wish),
        preference: placementPreference(service.host, wish),
      },
    };
  });
}
