import { DEFAULT_HOST_DEVICES } from '../../../adapters/libvirt/host-devices.ts';
import type { LibvirtHostOptions } from '../../../adapters/libvirt/libvirt-host-options.ts';
import { hostName } from '../../../domain/shared/ids.ts';

/** A host that answers at `endpoint`; for specs that talk to a protocol server, so nothing of it exists. */
export function optionsFor(endpoint: LibvirtHostOptions['endpoint'], mayUseMonitor = true): LibvirtHostOptions {
  return {
    host: hostName('compute-a'),
    endpoint,
    instancesPath: '/var/lib/lifeboat/instances',
    migrationAddress: '192.0.2.1',
    virtType: 'qemu',
    gracefulShutdownMs: 0,
    supportsLiveMigrateRescued: true,
    mayUseMonitor,
    devices: DEFAULT_HOST_DEVICES,
  };
}
