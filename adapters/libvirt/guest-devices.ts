import type { NetworkInterface } from '../../domain/instance/network-interface.ts';
import type { DiskBus, GuestHardware } from './guest-hardware.ts';
import type { HostDevices, NetworkAttachment } from './host-devices.ts';
import type { VolumeFormat } from './volume-definition.ts';
import { xml, type XmlTree } from './xml-document.ts';

/** `cache='none'`: without it libvirt calls a migration unsafe. */
export function diskElement(path: string, format: VolumeFormat, target: string, bus: DiskBus = 'virtio'): XmlTree {
  return xml(
    'disk',
    { type: 'file', device: 'disk' },
    xml('driver', { name: 'qemu', type: format, cache: 'none' }),
    xml('source', { file: path }),
    xml('target', { dev: target, bus }),
  );
}

/** A disk that no guest may write to, and that libvirt's block copy leaves out. */
export function cdromElement(path: string, target: string, bus: DiskBus): XmlTree {
  return xml(
    'disk',
    { type: 'file', device: 'cdrom' },
    xml('driver', { name: 'qemu', type: 'raw', cache: 'none' }),
    xml('source', { file: path }),
    xml('target', { dev: target, bus }),
    xml('readonly'),
  );
}

/** The controllers that disks on these buses need and that libvirt would not choose by itself, or choose otherwise. */
export function controllerElements(buses: readonly DiskBus[]): readonly XmlTree[] {
  return [
    xml('controller', { type: 'usb', model: buses.includes('usb') ? 'qemu-xhci' : 'none' }),
    ...(buses.includes('scsi') ? [xml('controller', { type: 'scsi', index: '0', model: 'virtio-scsi' })] : []),
  ];
}

export type PluggedInterface = { readonly of: NetworkInterface; readonly into: NetworkAttachment };

export function interfaceElement({ of, into }: PluggedInterface, { vifModel }: GuestHardware): XmlTree {
  return xml(
    'interface',
    { type: into.kind },
    xml('mac', { address: of.macAddress }),
    xml('source', { [into.kind]: into.name }),
    xml('model', { type: vifModel }),
  );
}

/** The usual card for a screen, which every guest here has a driver for. */
const DEFAULT_VIDEO_MODEL = 'virtio';

/** Screen and video card. A card without a screen is made only for an image that asks for one. */
export function screenElements(
  { graphics, listenAddress }: Pick<HostDevices, 'graphics' | 'listenAddress'>,
  { videoModel }: Pick<GuestHardware, 'videoModel'>,
): readonly XmlTree[] {
  const listen = xml('listen', { type: 'address', address: listenAddress });
  const screen =
    graphics === null
      ? []
      : [xml('graphics', { type: graphics, port: '-1', autoport: 'yes', listen: listenAddress }, listen)];
  const model = videoModel ?? (graphics === null ? null : DEFAULT_VIDEO_MODEL);
  return [...screen, ...(model === null ? [] : [xml('video', {}, xml('model', { type: model }))])];
}

export function watchdogElements({ watchdogAction }: Pick<GuestHardware, 'watchdogAction'>): readonly XmlTree[] {
  return watchdogAction === null ? [] : [xml('watchdog', { model: 'i6300esb', action: watchdogAction })];
}
