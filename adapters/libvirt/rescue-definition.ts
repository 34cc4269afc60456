import { diskNameOf, hostPathOf } from './disk-names.ts';
import { bootElements, FILES, type DirectBoot } from './guest-definition.ts';
import { cdromElement, diskElement } from './guest-devices.ts';
import { DISK_BUSES, targetName, type DiskBus } from './guest-hardware.ts';
import type { RescueDevice } from './rescue-device.ts';
import type { VolumeFormat } from './volume-definition.ts';
import {
  attribute,
  childrenOf,
  elementOf,
  find,
  parseXml,
  remove,
  rootOf,
  serializeXml,
  xml,
  type Document,
  type Element,
} from './xml-document.ts';

export type RescueDefinitionOptions = {
  readonly directory: string;
  readonly rescueDiskFormat: VolumeFormat;
  readonly boot: DirectBoot | null;
  /** Null: legacy rescue. */
  readonly device: RescueDevice | null;
};

type Machine = {
  readonly document: Document;
  readonly devices: Element;
  readonly disks: readonly Element[];
  readonly root: Element;
};

/** The definition a rescued server runs with (nova.md C.3). What is no disk stays as the owner had it. */
export function rescueDefinition(original: string, options: RescueDefinitionOptions): string {
  const { directory, boot, device } = options;
  const document = parseXml(original);
  const domain = rootOf(document);
  const devices = find(domain, 'devices');
  const os = find(domain, 'os');
  if (devices === null || os === null) throw new Error('a definition without <os> or <devices>');
  replaceBoot(document, os, { boot, device });
  const disks = childrenOf(devices, 'disk');
  const root = disks.find((disk) => diskNameOf(hostPathOf(disk) ?? '', instanceIdOf(directory)) === FILES.disk);
  if (root === undefined) throw new Error(`a definition without the disk ${directory}/${FILES.disk}`);
  const machine = { document, devices, disks, root };
  if (device === null) putFirst(machine, options);
  else putLast(machine, options, device);
  return serializeXml(document);
}

const instanceIdOf = (directory: string): string => directory.slice(directory.lastIndexOf('/') + 1);

/** Legacy: the rescue disk is the first disk, the original root the second, and a config drive of the rescue's own. */
function putFirst({ document, devices, disks, root }: Machine, options: RescueDefinitionOptions): void {
  const { directory, rescueDiskFormat } = options;
  for (const disk of disks) {
    if (diskNameOf(hostPathOf(disk) ?? '', instanceIdOf(directory)) === FILES.configDrive) {
      disk.setAttribute('type', 'file');
      find(disk, 'source')?.removeAttribute('dev');
      find(disk, 'source')?.setAttribute('file', `${directory}/${FILES.rescueConfigDrive}`);
    } else if (disk !== root) remove(disk);
  }
  const bus = busOf(root);
  const path = `${directory}/${FILES.rescueDisk}`;
  devices.insertBefore(elementOf(document, diskElement(path, rescueDiskFormat, targetName(bus, 0), bus)), root);
  find(root, 'target')?.setAttribute('dev', targetName(bus, 1));
  // Its address goes to the rescue disk's place in libvirt's own numbering, so libvirt assigns both anew.
  for (const name of ['address', 'alias', 'boot']) {
    for (const element of childrenOf(root, name)) remove(element);
  }
}

/** Stable devices: every disk stays what it is for the guest; the rescue disk comes last, and is booted from. */
function putLast({ document, devices, disks }: Machine, options: RescueDefinitionOptions, device: RescueDevice): void {
  const { directory, rescueDiskFormat } = options;
  for (const plugged of [...disks, ...childrenOf(devices, 'interface')]) {
    for (const boot of childrenOf(plugged, 'boot')) remove(boot);
  }
  const taken = new Set(disks.map((disk) => attribute(find(disk, 'target'), 'dev')));
  const { bus, kind } = device;
  const target = firstFree(bus, taken);
  const path = `${directory}/${FILES.rescueDisk}`;
  const tree = kind === 'cdrom' ? cdromElement(path, target, bus) : diskElement(path, rescueDiskFormat, target, bus);
  const element = elementOf(document, tree);
  if (kind === 'cdrom') find(element, 'driver')?.setAttribute('type', rescueDiskFormat);
  element.appendChild(elementOf(document, xml('boot', { order: '1' })));
  devices.insertBefore(element, disks.at(-1)?.nextSibling ?? null);
  provideController(document, devices, bus);
}

function firstFree(bus: DiskBus, taken: ReadonlySet<string | null>): string {
  for (let place = 0; ; place += 1) {
    const target = targetName(bus, place);
    if (!taken.has(target)) return target;
  }
}

/** A bus that the server had no use for before. */
function provideController(document: Document, devices: Element, bus: DiskBus): void {
  const controllers = childrenOf(devices, 'controller').filter((found) => attribute(found, 'type') === bus);
  if (bus === 'scsi' && controllers.length === 0) {
    devices.appendChild(elementOf(document, xml('controller', { type: 'scsi', index: '0', model: 'virtio-scsi' })));
  }
  if (bus !== 'usb') return;
  for (const controller of controllers) {
    if (attribute(controller, 'model') === 'none') controller.setAttribute('model', 'qemu-xhci');
  }
}

function replaceBoot(
  document: Document,
  os: Element,
  { boot, device }: Pick<RescueDefinitionOptions, 'boot' | 'device'>,
): void {
  for (const name of ['kernel', 'initrd', 'cmdline', 'boot']) {
    for (const element of childrenOf(os, name)) remove(element);
  }
  // libvirt takes no order of kinds beside an order of devices.
  if (boot === null && device !== null) return;
  for (const tree of bootElements(boot)) os.appendChild(elementOf(document, tree));
}

function busOf(disk: Element): DiskBus {
  const bus = attribute(find(disk, 'target'), 'bus');
  return DISK_BUSES.find((candidate) => candidate === bus) ?? 'virtio';
}
