import { readFileSync } from 'node:fs';

/**
 * `guest` and `rescue` are what Lifeboat is to make; the others are what libvirt 9.0 dumped (`virsh dumpxml`, and `virsh
 * domcapabilities`). `-elsewhere` is of the same guest after a migration to a host with a network of another kind.
 */
export type GoldenDefinition =
  | 'guest'
  | 'rescue'
  | 'original-inactive'
  | 'rescued-live'
  | 'pc-inactive'
  | 'pc-migratable'
  | 'q35-uefi-inactive'
  | 'q35-uefi-inactive-elsewhere'
  | 'q35-uefi-migratable'
  | 'domain-capabilities-pc'
  | 'domain-capabilities-q35';

export const SERVER = '5b6d4a1e-7c1d-4e57-9a55-0b6f6a2d1c01';
export const DIRECTORY = `/var/lib/lifeboat/instances/${SERVER}`;

export function goldenDefinition(name: GoldenDefinition): string {
  return readFileSync(new URL(`../../golden/libvirt/${name}.xml`, import.meta.url), 'utf8').trimEnd();
}
