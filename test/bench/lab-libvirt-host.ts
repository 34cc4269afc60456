import { DEFAULT_HOST_DEVICES } from '../../adapters/libvirt/host-devices.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { hostName } from '../../domain/shared/ids.ts';
import type { LabHostFacts } from '../lab/lab-host.ts';

/** What Lifeboat has to know of a host of the laboratory to work with it. */
export type ReachableHost = Pick<LabHostFacts, 'name' | 'socketPath' | 'instancesPath' | 'migrationAddress'>;

/** Lifeboat's side of a host of the laboratory; close its `connections` in the end. */
export function labLibvirtHost(facts: ReachableHost): LibvirtHost {
  return new LibvirtHost({
    host: hostName(facts.name),
    endpoint: { kind: 'unix', path: facts.socketPath },
    instancesPath: facts.instancesPath,
    migrationAddress: facts.migrationAddress,
    virtType: 'qemu',
    gracefulShutdownMs: 0,
    supportsLiveMigrateRescued: true,
    mayUseMonitor: true,
    devices: DEFAULT_HOST_DEVICES,
  });
}
