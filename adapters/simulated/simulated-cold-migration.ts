import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { HostName, InstanceId } from '../../domain/shared/ids.ts';
import { boot } from './simulated-boot.ts';
import { stop } from './simulated-guest-lifecycle.ts';
import { isOn } from './simulated-guest.ts';
import { diskFreeBytes, directoryPath, shareStorage } from './simulated-host.ts';
import {
  guestOn,
  jobHeld,
  noSpace,
  noSuchGuest,
  unreachable,
  type SimulatedHostAccess,
} from './simulated-host-access.ts';

/** Copies a guest that is switched off to another host; what stands there already of an earlier attempt is used. */
export function coldMigrate(
  access: SimulatedHostAccess,
  instanceId: InstanceId,
  { destination, start }: { readonly destination: HostName; readonly start: boolean },
): Outcome<null> {
  const { cloud, host } = access;
  const there = { ...access, host: cloud.host(destination) };
  if (!there.host.reachable) return unreachable(there.host);
  const guest = guestOn(access, instanceId);
  const directory = host.directories.get(instanceId);
  if (guest === null || directory === undefined) return noSuchGuest(instanceId);
  if (guest.incoming || guest.outgoing !== null) return jobHeld();
  const arrived = guestOn(there, instanceId);
  if (arrived !== null) return start && !isOn(arrived) ? boot(there, instanceId, arrived.definition) : succeeded(null);
  const shared = shareStorage(host, there.host);
  const neededBytes = [...directory.files.values()].reduce((sum, file) => sum + file.capacityBytes, 0);
  if (!shared && diskFreeBytes(there.host) < neededBytes) return noSpace(directoryPath(instanceId));
  const foreign = there.host.directories.get(instanceId)?.ownerMigration ?? null;
  if (foreign !== null) return failed(`${directoryPath(instanceId)} belongs to migration ${foreign}`);
  stop(access, instanceId);
  if (!shared) {
    cloud.removeDirectory(there.host, instanceId);
    cloud.createDirectory(there.host, instanceId, null);
    for (const [name, file] of directory.files) cloud.writeFile(there.host, instanceId, name, file);
  }
  if (start) return boot(there, instanceId, guest.definition);
  const off = guestOn(access, instanceId) ?? guest;
  cloud.putGuest(there.host, instanceId, off, 'guestPersisted');
  return succeeded(null);
}
