/** One of a server's interfaces; what it is made of stays the same on every host, what it is plugged into does not. */
export type NetworkInterface = {
  readonly portId: string;
  readonly networkId: string;
  /** Six pairs of hexadecimal digits, lower case. */
  readonly macAddress: string;
};

/** More PCI devices than these leave no room for the disks of a `pc` machine. */
export const NETWORK_INTERFACES_MAX = 8;

/** OpenStack's default `base_mac`; the rest is what tells one interface from every other. */
const MAC_PREFIX = 'fa:16:3e';

/** A MAC address from the random part of a port's id. */
export function macAddressOf(portId: string): string {
  const [first = '', second = '', third = ''] = portId.replaceAll('-', '').match(/../g) ?? [];
  return [MAC_PREFIX, first, second, third].join(':').toLowerCase();
}
