import { readFileSync } from 'node:fs';

/** `original-inactive` and `rescued-live` are what libvirt 9.0 dumped; the others are what Lifeboat is to make. */
export type GoldenDefinition = 'guest' | 'rescue' | 'original-inactive' | 'rescued-live';

export const SERVER = '5b6d4a1e-7c1d-4e57-9a55-0b6f6a2d1c01';
export const DIRECTORY = `/var/lib/lifeboat/instances/${SERVER}`;

export function goldenDefinition(name: GoldenDefinition): string {
  return readFileSync(new URL(`../../golden/libvirt/${name}.xml`, import.meta.url), 'utf8').trimEnd();
}
