import type { ImageId } from '../shared/ids.ts';

/** The flavor as it was when the server was created; later edits of the flavor do not change the server. */
export type FlavorSnapshot = {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly ramMiB: number;
  readonly diskGiB: number;
  /** A second, empty disk; left out: none. */
  readonly ephemeralGiB?: number;
  /** A disk to swap to; left out: none. */
  readonly swapMiB?: number;
};

/** Only what a server remembers of its flavor; what it has nothing of is left out. */
export function flavorSnapshotOf({
  id,
  name,
  vcpus,
  ramMiB,
  diskGiB,
  ephemeralGiB,
  swapMiB,
}: FlavorSnapshot): FlavorSnapshot {
  return {
    id,
    name,
    vcpus,
    ramMiB,
    diskGiB,
    ...(ephemeralGiB === undefined || ephemeralGiB === 0 ? {} : { ephemeralGiB }),
    ...(swapMiB === undefined || swapMiB === 0 ? {} : { swapMiB }),
  };
}

/** The three images a guest starts from; the kernel pair is null when the disk boots by itself. */
export type BootImages = {
  readonly imageId: ImageId;
  readonly kernelId: ImageId | null;
  readonly ramdiskId: ImageId | null;
};

/** What the disk of a server becomes at its owner's word. */
export type SnapshotImage = {
  readonly imageId: ImageId;
  readonly name: string;
  readonly minRamMiB: number;
  readonly properties: Readonly<Record<string, string>>;
};

/** What the disk of a server becomes while it is shelved. */
export type ShelvedImage = { readonly imageId: ImageId; readonly name: string };
