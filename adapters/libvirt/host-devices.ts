import type { ConfigDriveFormat } from './config-drive.ts';

/** What a guest's interface is plugged into on one host. */
export type NetworkAttachment = { readonly kind: 'network' | 'bridge'; readonly name: string };

/** Files of the UEFI firmware on one host, as Debian's package `ovmf` names them. */
export type UefiFiles = { readonly loader: string; readonly nvramTemplate: string };

/** `hypervisorDefault`: the emulator's own model. `hostModel`: the one like the host's, chosen when a server is made. */
export type CpuChoice =
  { readonly mode: 'hypervisorDefault' | 'hostModel' } | { readonly mode: 'custom'; readonly model: string };

/** What guests are given on one host; whatever of it is the host's own is rewritten when a guest changes hosts. */
export type HostDevices = {
  /** Null: no screen. */
  readonly graphics: 'vnc' | 'spice' | null;
  /** Where screens and consoles of guests listen. */
  readonly listenAddress: string;
  readonly cpu: CpuChoice;
  readonly uefi: UefiFiles;
  /** Of new servers' config drives. */
  readonly configDriveFormat: ConfigDriveFormat;
  /** By network id. */
  readonly networks: ReadonlyMap<string, NetworkAttachment>;
};

export const DEFAULT_HOST_DEVICES: HostDevices = {
  graphics: null,
  listenAddress: '127.0.0.1',
  cpu: { mode: 'hypervisorDefault' },
  uefi: { loader: '/usr/share/OVMF/OVMF_CODE_4M.fd', nvramTemplate: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
  configDriveFormat: 'iso9660',
  networks: new Map(),
};
