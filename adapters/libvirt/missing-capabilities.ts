import { attribute, childrenOf, find, type Element } from './xml-document.ts';

type Wanted = {
  readonly device: string;
  /** Below the device; none is the device itself. */
  readonly child: string | null;
  readonly attribute: string;
  /** Of libvirt's `domainCapabilities`: the enumeration below `<devices><device>`. */
  readonly enumeration: string;
  readonly named: string;
};

/** What libvirt tells of an emulator's devices; a device of which it tells nothing is left to its own check. */
const WANTED: readonly Wanted[] = [
  { device: 'disk', child: 'target', attribute: 'bus', enumeration: 'bus', named: 'disk bus' },
  { device: 'disk', child: null, attribute: 'device', enumeration: 'diskDevice', named: 'disk device' },
  { device: 'graphics', child: null, attribute: 'type', enumeration: 'type', named: 'graphics' },
  { device: 'video', child: 'model', attribute: 'type', enumeration: 'modelType', named: 'video model' },
  { device: 'rng', child: null, attribute: 'model', enumeration: 'model', named: 'RNG model' },
  { device: 'rng', child: 'backend', attribute: 'model', enumeration: 'backendModel', named: 'RNG backend' },
  { device: 'redirdev', child: null, attribute: 'bus', enumeration: 'bus', named: 'redirected device bus' },
  { device: 'channel', child: null, attribute: 'type', enumeration: 'type', named: 'channel' },
];

/** What of a definition an emulator with these capabilities lacks, each by name; empty when it lacks nothing. */
export function missingInCapabilities(domain: Element, capabilities: Element): readonly string[] {
  return [...new Set([...missingFirmware(domain, capabilities), ...missingDevices(domain, capabilities)])];
}

function missingFirmware(domain: Element, capabilities: Element): readonly string[] {
  const loader = find(domain, 'os', 'loader');
  const path = loader?.textContent ?? '';
  if (loader === null || path === '') return [];
  const known = find(capabilities, 'os', 'loader');
  const values = known === null ? [] : childrenOf(known, 'value').map(({ textContent }) => textContent);
  return values.includes(path) ? [] : [`firmware ${path}`];
}

function missingDevices(domain: Element, capabilities: Element): readonly string[] {
  const devices = find(domain, 'devices');
  if (devices === null) return [];
  return WANTED.flatMap((wanted) => {
    const possible = valuesOf(capabilities, wanted);
    if (possible === null) return [];
    return childrenOf(devices, wanted.device).flatMap((device) => {
      const found = attribute(wanted.child === null ? device : find(device, wanted.child), wanted.attribute);
      return found === null || possible.includes(found) ? [] : [`${wanted.named} ${found}`];
    });
  });
}

/** Null when libvirt does not tell: older releases know fewer enumerations. */
function valuesOf(capabilities: Element, { device, enumeration }: Wanted): readonly string[] | null {
  const told = find(capabilities, 'devices', device);
  if (told === null) return null;
  if (attribute(told, 'supported') === 'no') return [];
  const values = childrenOf(told, 'enum').find((one) => attribute(one, 'name') === enumeration);
  return values === undefined ? null : childrenOf(values, 'value').map(({ textContent }) => textContent ?? '');
}
