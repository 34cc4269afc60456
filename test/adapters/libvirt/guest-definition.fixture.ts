import type { GuestDefinitionOptions } from '../../../adapters/libvirt/guest-definition.ts';
import { DEFAULT_HOST_DEVICES } from '../../../adapters/libvirt/host-devices.ts';
import type { GuestDescription } from '../../../application/ports/hypervisor-driver.ts';
import { imageId, instanceId } from '../../../domain/shared/ids.ts';
import { DIRECTORY, SERVER } from './golden-definition.ts';

export const GUEST: GuestDescription = {
  instanceId: instanceId(SERVER),
  name: 'patient',
  flavor: { id: '1', name: 'm1.lab', vcpus: 1, ramMiB: 128, diskGiB: 0 },
  images: { imageId: imageId(SERVER), kernelId: null, ramdiskId: null },
  networkInterfaces: [],
};

/** A guest whose image says nothing of its machine, on a host where nothing is configured. */
export const PLAIN: GuestDefinitionOptions = {
  virtType: 'qemu',
  directory: DIRECTORY,
  diskFormat: 'qcow2',
  localDisks: [],
  hardware: {
    machineType: 'pc',
    firmware: 'bios',
    diskBus: 'virtio',
    cdromBus: 'ide',
    vifModel: 'virtio',
    watchdogAction: null,
    videoModel: null,
  },
  devices: DEFAULT_HOST_DEVICES,
  interfaces: [],
  cpu: null,
  boot: null,
};
