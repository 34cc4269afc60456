import { hostPathOf } from './disk-names.ts';
import { unmovableDevices } from './unmovable-devices.ts';
import { attribute, childrenOf, find, parseXml, rootOf } from './xml-document.ts';

/** A disk of a definition that is a file or a block device on the host. */
export type FileDisk = {
  readonly path: string;
  readonly targetDevice: string;
  readonly format: string;
  readonly readOnly: boolean;
};

export type DefinitionFacts = {
  readonly disks: readonly FileDisk[];
  readonly machineType: string;
  readonly architecture: string;
  readonly memoryMiB: number;
  /** See `unmovableDevices`. */
  readonly unmovable: readonly string[];
};

/** What a migration has to know of a definition. Disks are told by source path, never by target name (nova.md D.3-3). */
export function definitionFacts(definition: string): DefinitionFacts {
  const domain = rootOf(parseXml(definition));
  const devices = find(domain, 'devices');
  const type = find(domain, 'os', 'type');
  const disks = devices === null ? [] : childrenOf(devices, 'disk');
  const fileDisks = disks.filter((disk) => hostPathOf(disk) !== null);
  return {
    disks: fileDisks.map((disk) => ({
      path: hostPathOf(disk) ?? '',
      targetDevice: attribute(find(disk, 'target'), 'dev') ?? '',
      format: attribute(find(disk, 'driver'), 'type') ?? 'raw',
      readOnly: find(disk, 'readonly') !== null,
    })),
    machineType: attribute(type, 'machine') ?? '',
    architecture: attribute(type, 'arch') ?? '',
    memoryMiB: memoryMiB(find(domain, 'memory')?.textContent ?? '0', attribute(find(domain, 'memory'), 'unit')),
    unmovable: unmovableDevices(domain),
  };
}

// libvirt dumps memory in KiB whatever unit it was defined with.
function memoryMiB(text: string, unit: string | null): number {
  const amount = Number(text);
  return Math.ceil(unit === 'MiB' ? amount : amount / 1024);
}
