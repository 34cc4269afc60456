/** One of a server's interfaces; what it is made of stays the same on every host, what it is plugged into does not. */
export type NetworkInterface = {
  readonly portId: string;
  readonly networkId: string;
  /** Six pairs of hexadecimal digits, lower case. */
  readonly macAddress: string;
};

/** More PCI devices than these leave no room for the disks of a `pc` machine. */
export const NETWORK_INTERFACES_MAX = 8;

/** Locally administered, and of one interface alone: no vendor's card has an address like this. */
const MAC_PREFIX = 'fa';
const RANDOM_PAIRS = 5;

/** A MAC address from the beginning of a port's id, which is random: 40 bits, so that no two servers meet in one. */
export function macAddressOf(portId: string): string {
  const pairs = portId.replaceAll('-', '').match(/../g) ?? [];
  return [MAC_PREFIX, ...pairs.slice(0, RANDOM_PAIRS)].join(':').toLowerCase();
}
