import { attribute, childrenOf, find, parseXml, rootOf, type Element } from './xml-document.ts';

/** A disk of a definition that is a file on the host. */
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
  /** Devices that no running guest can take along, by name; empty for a guest that may migrate. */
  readonly unmovable: readonly string[];
};

/** What a migration has to know of a definition. Disks are told by source path, never by target name (nova.md D.3-3). */
export function definitionFacts(definition: string): DefinitionFacts {
  const domain = rootOf(parseXml(definition));
  const devices = find(domain, 'devices');
  const type = find(domain, 'os', 'type');
  const disks = devices === null ? [] : childrenOf(devices, 'disk');
  const fileDisks = disks.filter((disk) => attribute(disk, 'type') === 'file' && find(disk, 'source') !== null);
  return {
    disks: fileDisks.map((disk) => ({
      path: attribute(find(disk, 'source'), 'file') ?? '',
      targetDevice: attribute(find(disk, 'target'), 'dev') ?? '',
      format: attribute(find(disk, 'driver'), 'type') ?? 'raw',
      readOnly: find(disk, 'readonly') !== null,
    })),
    machineType: attribute(type, 'machine') ?? '',
    architecture: attribute(type, 'arch') ?? '',
    memoryMiB: memoryMiB(find(domain, 'memory')?.textContent ?? '0', attribute(find(domain, 'memory'), 'unit')),
    unmovable: devices === null ? [] : unmovableDevices(devices),
  };
}

function unmovableDevices(devices: Element): readonly string[] {
  const named = (element: string, nameOf: (device: Element, type: string) => string | null): readonly string[] =>
    childrenOf(devices, element).flatMap((device) => nameOf(device, attribute(device, 'type') ?? 'unknown') ?? []);
  return [
    ...named('hostdev', (_device, type) => `host device (${type})`),
    ...named('interface', (_device, type) => UNMOVABLE_INTERFACES.get(type) ?? null),
    ...named('filesystem', () => 'file system share'),
    ...named('shmem', (device) => `shared memory ${attribute(device, 'name') ?? ''}`),
    ...named('disk', (disk, type) =>
      type === 'file' ? null : `${type} disk ${attribute(find(disk, 'target'), 'dev') ?? ''}`,
    ),
  ];
}

const UNMOVABLE_INTERFACES: ReadonlyMap<string, string> = new Map([
  ['hostdev', 'host network device'],
  ['vdpa', 'vDPA network device'],
]);

// libvirt dumps memory in KiB whatever unit it was defined with.
function memoryMiB(text: string, unit: string | null): number {
  const amount = Number(text);
  return Math.ceil(unit === 'MiB' ? amount : amount / 1024);
}
