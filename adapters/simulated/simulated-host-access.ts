import type { ImageService } from '../../application/ports/image-service.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed } from '../../domain/shared/outcome.ts';
import type { SimulatedCloud } from './simulated-cloud.ts';
import type { SimulatedGuest } from './simulated-guest.ts';
import type { SimulatedHost } from './simulated-host.ts';

/** What one host's driver works with. */
export type SimulatedHostAccess = {
  readonly cloud: SimulatedCloud;
  readonly host: SimulatedHost;
  readonly images: ImageService;
};

export function guestOn({ host }: SimulatedHostAccess, instanceId: InstanceId): SimulatedGuest | null {
  return host.guests.get(instanceId) ?? null;
}

// libvirt's own words, so that what an operator reads in a rehearsal is what a real host would say.
export const noSuchGuest = (instanceId: InstanceId) =>
  failed(`Domain not found: no domain with matching uuid '${instanceId}'`);
export const notRunning = () => failed('Requested operation is not valid: domain is not running');
export const jobHeld = () =>
  failed('Requested operation is not valid: another migration job is running for the domain');
export const noSpace = (path: string) => failed(`cannot write '${path}': No space left on device`);
export const cannotStat = (path: string) => failed(`unable to stat: ${path}: No such file or directory`);
export const unreachable = (host: SimulatedHost) =>
  failed(`unable to connect to server at '${host.address}:16509': No route to host`);
