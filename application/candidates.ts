import type { Candidate } from '../domain/scheduling/choose-host.ts';
import { isUp } from '../domain/service-version/compute-service-state.ts';
import type { ComputeHosts } from './compute-hosts.ts';
import type { Views } from './views/views.ts';

/** The fleet as the scheduler sees it: what the log says of each compute service, and what its host last reported. */
export function candidatesOf(views: Views, hosts: ComputeHosts): readonly Candidate[] {
  return views.computeServices.all().map((service) => {
    const facts = hosts.facts(service.host);
    return {
      host: service.host,
      up: isUp(service),
      disabled: service.disabled,
      vcpus: facts?.vcpus ?? null,
      memoryFreeMiB: facts?.memoryFreeMiB ?? null,
      diskFreeGiB: facts?.diskFreeGiB ?? null,
    };
  });
}
