import { diskNameOf, hostPathOf } from './disk-names.ts';
import { attribute, childrenOf, find, type Element } from './xml-document.ts';

/**
 * What keeps a running guest on its host, each by name and with the reason (nova.md O and P); empty for a guest that may
 * migrate. Libvirt would refuse most of it too, after the destination has been prepared and without naming the device.
 */
export function unmovableDevices(domain: Element): readonly string[] {
  const devices = find(domain, 'devices');
  const id = find(domain, 'uuid')?.textContent ?? '';
  return [...(devices === null ? [] : unmovableOf(devices, id)), ...boundToHost(domain), ...strayVariables(domain)];
}

function unmovableOf(devices: Element, instanceId: string): readonly string[] {
  const named = (element: string, nameOf: (device: Element, type: string) => string | null): readonly string[] =>
    childrenOf(devices, element).flatMap((device) => nameOf(device, attribute(device, 'type') ?? 'unknown') ?? []);
  return [
    ...named('hostdev', (device, type) => `host device ${type} ${sourceName(device)} (it is a part of the host)`),
    ...named('interface', hostInterface),
    ...named(
      'filesystem',
      (device) => `file system share ${targetName(device, 'dir')} (it is a directory of the host)`,
    ),
    ...named('shmem', (device) => `shared memory ${attribute(device, 'name') ?? ''} (it is memory of the host)`),
    ...named('disk', (disk, type) =>
      type === 'file' || (type === 'block' && diskNameOf(hostPathOf(disk) ?? '', instanceId) !== null)
        ? null
        : `${type} disk ${targetName(disk, 'dev')} (only the server's own disks travel)`,
    ),
    ...named('tpm', trustedPlatformModule),
    ...named('memory', (device) =>
      attribute(device, 'model') === 'dimm'
        ? null
        : `${attribute(device, 'model') ?? 'memory'} (it is memory of the host)`,
    ),
  ];
}

function sourceName(device: Element): string {
  const address = find(device, 'source', 'address');
  const part = (name: string): string => (attribute(address, name) ?? '0').replace(/^0x/, '');
  const uuid = attribute(address, 'uuid');
  if (uuid !== null) return uuid;
  if (attribute(address, 'slot') !== null) {
    return `${part('domain').padStart(4, '0')}:${part('bus')}:${part('slot')}.${part('function')}`;
  }
  return ['vendor', 'product'].map((name) => attribute(find(device, 'source', name), 'id') ?? '?').join(':');
}

const targetName = (device: Element, name: string): string => attribute(find(device, 'target'), name) ?? '';

const HOST_INTERFACES: ReadonlyMap<string, string> = new Map([
  ['hostdev', 'host network device'],
  ['vdpa', 'vDPA network device'],
]);

function hostInterface(device: Element, type: string): string | null {
  const name = HOST_INTERFACES.get(type);
  const mac = attribute(find(device, 'mac'), 'address') ?? 'without a MAC address';
  return name === undefined ? null : `${name} ${mac} (it is a part of the host)`;
}

function trustedPlatformModule(device: Element): string {
  const type = attribute(find(device, 'backend'), 'type') ?? 'unknown';
  return type === 'passthrough'
    ? `TPM ${attribute(find(device, 'backend', 'device'), 'path') ?? ''} (it is a part of the host)`
    : 'vTPM (its state is sealed with a secret that the hosts do not share)';
}

/** The processor modes that are another processor on another host. */
const HOST_PROCESSORS: readonly string[] = ['host-passthrough', 'maximum'];
const PINS: readonly string[] = ['vcpupin', 'emulatorpin', 'iothreadpin'];

function boundToHost(domain: Element): readonly string[] {
  const mode = attribute(find(domain, 'cpu'), 'mode') ?? '';
  const tuning = find(domain, 'cputune');
  const pin = tuning === null ? undefined : PINS.find((name) => childrenOf(tuning, name).length > 0);
  const nodes = find(domain, 'numatune', 'memory');
  const security = find(domain, 'launchSecurity');
  return [
    ...(HOST_PROCESSORS.includes(mode) ? [`CPU mode ${mode} (every host has another processor)`] : []),
    ...(attribute(find(domain, 'vcpu'), 'cpuset') === null ? [] : ['vcpu cpuset (it names processors of the host)']),
    ...(pin === undefined ? [] : [`${pin} (it names processors of the host)`]),
    ...(attribute(nodes, 'nodeset') === null ? [] : ['numatune (it names memory of the host)']),
    ...(security === null
      ? []
      : [`launchSecurity ${attribute(security, 'type') ?? ''} (its memory is sealed for the host)`]),
  ];
}

/** Lifeboat keeps the variables in the server's directory, where they travel and go with the rest. */
function strayVariables(domain: Element): readonly string[] {
  const path = find(domain, 'os', 'nvram')?.textContent ?? '';
  const id = find(domain, 'uuid')?.textContent ?? '';
  return path === '' || path.includes(`/${id}/`) ? [] : [`NVRAM file ${path} (it is not in the server's directory)`];
}
