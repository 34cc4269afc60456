import type { GuestDescription } from '../../application/ports/hypervisor-driver.ts';
import {
  controllerElements,
  diskElement,
  interfaceElement,
  screenElements,
  watchdogElements,
  type PluggedInterface,
} from './guest-devices.ts';
import { targetName, type GuestHardware } from './guest-hardware.ts';
import type { HostDevices } from './host-devices.ts';
import type { VolumeFormat } from './volume-definition.ts';
import { buildXml, serializeXml, xml, type XmlTree } from './xml-document.ts';

/** Files of a server's directory, in Nova's names (nova.md C.4). */
export const FILES = {
  disk: 'disk',
  ephemeral: 'disk.eph0',
  swap: 'disk.swap',
  configDrive: 'disk.config',
  kernel: 'kernel',
  ramdisk: 'ramdisk',
  console: 'console.log',
  nvram: 'nvram.fd',
  rescueDisk: 'disk.rescue',
  rescueConfigDrive: 'disk.config.rescue',
  rescueKernel: 'kernel.rescue',
  rescueRamdisk: 'ramdisk.rescue',
  originalDefinition: 'unrescue.xml',
} as const;

/** Nova's default root device and consoles, for images that say nothing of their own in `os_command_line`. */
export const DEFAULT_COMMAND_LINE = 'root=/dev/vda console=tty0 console=ttyS0';

/** The only one that guests here are built for. */
export const ARCHITECTURE = 'x86_64';

export type GuestDefinitionOptions = {
  readonly virtType: 'qemu' | 'kvm';
  readonly directory: string;
  readonly diskFormat: VolumeFormat;
  /** Beside the root. */
  readonly localDisks: readonly XmlTree[];
  readonly hardware: GuestHardware;
  readonly devices: HostDevices;
  readonly interfaces: readonly PluggedInterface[];
  /** The `<cpu>` element; null leaves it to the hypervisor. */
  readonly cpu: XmlTree | null;
  /** Null: the disk boots by itself. */
  readonly boot: DirectBoot | null;
};

export type DirectBoot = { readonly kernel: string; readonly ramdisk: string | null; readonly commandLine: string };

/** The name libvirt knows a server by; the whole id, since a shortened one can meet another. */
export function guestName(instanceId: string): string {
  return `instance-${instanceId}`;
}

/** The definition a new server is born with. Paths are made of configured directories and fixed names only. */
export function guestDefinition(
  { instanceId, name, flavor }: GuestDescription,
  options: GuestDefinitionOptions,
): string {
  const { virtType, hardware, cpu, boot } = options;
  const type = xml('type', { arch: ARCHITECTURE, machine: hardware.machineType }, 'hvm');
  return serializeXml(
    buildXml(
      xml(
        'domain',
        { type: virtType },
        xml('name', {}, guestName(instanceId)),
        xml('uuid', {}, instanceId),
        xml('title', {}, oneLine(name)),
        xml('memory', { unit: 'MiB' }, String(flavor.ramMiB)),
        xml('vcpu', {}, String(flavor.vcpus)),
        xml('os', {}, type, ...firmwareElements(options), ...bootElements(boot)),
        xml('features', {}, xml('acpi'), xml('apic')),
        ...(cpu === null ? [] : [cpu]),
        xml('clock', { offset: 'utc' }),
        xml('on_poweroff', {}, 'destroy'),
        xml('on_reboot', {}, 'restart'),
        xml('on_crash', {}, 'destroy'),
        devicesElement(options),
      ),
    ),
  );
}

/** The variables lie beside the disks: they are the server's, and travel and go with them. */
function firmwareElements({ hardware, devices, directory }: GuestDefinitionOptions): readonly XmlTree[] {
  if (hardware.firmware === 'bios') return [];
  const { loader, nvramTemplate } = devices.uefi;
  return [
    xml('loader', { readonly: 'yes', type: 'pflash' }, loader),
    xml('nvram', { template: nvramTemplate }, `${directory}/${FILES.nvram}`),
  ];
}

function devicesElement(options: GuestDefinitionOptions): XmlTree {
  const { directory, diskFormat, localDisks, hardware, devices, interfaces } = options;
  const console = xml('source', { path: `${directory}/${FILES.console}`, append: 'on' });
  const { diskBus, cdromBus } = hardware;
  return xml(
    'devices',
    {},
    diskElement(`${directory}/${FILES.disk}`, diskFormat, targetName(diskBus, 0), diskBus),
    ...localDisks,
    ...controllerElements([diskBus, cdromBus]),
    ...interfaces.map((plugged) => interfaceElement(plugged, hardware)),
    xml('serial', { type: 'file' }, console, xml('target', { port: '0' })),
    xml('console', { type: 'file' }, console, xml('target', { type: 'serial', port: '0' })),
    ...screenElements(devices, hardware),
    xml('rng', { model: 'virtio' }, xml('backend', { model: 'random' }, '/dev/urandom')),
    xml('memballoon', { model: 'virtio' }),
    ...watchdogElements(hardware),
  );
}

export function bootElements(boot: DirectBoot | null): readonly XmlTree[] {
  if (boot === null) return [xml('boot', { dev: 'hd' })];
  const ramdisk = boot.ramdisk === null ? [] : [xml('initrd', {}, boot.ramdisk)];
  return [xml('kernel', {}, boot.kernel), ...ramdisk, xml('cmdline', {}, boot.commandLine)];
}

/**
 * What XML 1.0 cannot carry, escaped or not (a lone surrogate is half of a character), and the replacement character,
 * which the parser takes for a sign of a broken encoding when libvirt gives the title back.
 */
const NOT_IN_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFC}\u{10000}-\u{10FFFF}]/gu;

// libvirt refuses a title with a line break, and XML a title with control characters.
const oneLine = (text: string): string => text.replaceAll(NOT_IN_XML, '?').replaceAll(/\s+/g, ' ');
