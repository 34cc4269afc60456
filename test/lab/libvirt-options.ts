import { DEFAULT_HOST_DEVICES } from '../../adapters/libvirt/host-devices.ts';
import type { LibvirtHostOptions } from '../../adapters/libvirt/libvirt-host-options.ts';
import { hostName } from '../../domain/shared/ids.ts';
import type { LabHostFacts } from './lab-host.ts';

/** What Lifeboat has to know of a host of the laboratory to work with it. */
export type ReachableHost = Pick<LabHostFacts, 'name' | 'socketPath' | 'instancesPath' | 'migrationAddress'>;

/** A host of the laboratory as an operator would configure it. */
export function libvirtOptions({ facts }: { readonly facts: ReachableHost }): LibvirtHostOptions {
  return {
    host: hostName(facts.name),
    endpoint: { kind: 'unix', path: facts.socketPath },
    instancesPath: facts.instancesPath,
    migrationAddress: facts.migrationAddress,
    virtType: 'qemu',
    gracefulShutdownMs: 0,
    supportsLiveMigrateRescued: true,
    mayUseMonitor: true,
    devices: DEFAULT_HOST_DEVICES,
  };
}
