import type { CpuChoice, HostDevices, NetworkAttachment } from '../libvirt/host-devices.ts';
import type { Configuration, ConfiguredHost } from './configuration.ts';
import type { ConfiguredAttachment } from './devices-configuration.ts';

/** What the guests of one host are given, from the whole configuration. */
export function hostDevices(
  { guests, networks }: Pick<Configuration, 'guests' | 'networks'>,
  { name, guestListenAddress, uefi }: Pick<ConfiguredHost, 'name' | 'guestListenAddress' | 'uefi'>,
): HostDevices {
  return {
    graphics: guests.graphics === 'none' ? null : guests.graphics,
    listenAddress: guestListenAddress,
    cpu: cpuChoice(guests.cpu),
    uefi,
    configDriveFormat: guests.configDriveFormat,
    networks: new Map(networks.map(({ id, on, onHosts }) => [id, attachmentOf(onHosts[name] ?? on)])),
  };
}

function cpuChoice(cpu: Configuration['guests']['cpu']): CpuChoice {
  if (typeof cpu === 'object') return { mode: 'custom', model: cpu.custom };
  return { mode: cpu === 'host-model' ? 'hostModel' : 'hypervisorDefault' };
}

const attachmentOf = (attachment: ConfiguredAttachment): NetworkAttachment =>
  'bridge' in attachment
    ? { kind: 'bridge', name: attachment.bridge }
    : { kind: 'network', name: attachment.libvirtNetwork };
