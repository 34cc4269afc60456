import type { ImageId } from '../shared/ids.ts';

/** The flavor as it was when the server was created; later edits of the flavor do not change the server. */
export type FlavorSnapshot = {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly ramMiB: number;
  readonly diskGiB: number;
};

/** The three images a guest starts from; the kernel pair is null when the disk boots by itself. */
export type BootImages = {
  readonly imageId: ImageId;
  readonly kernelId: ImageId | null;
  readonly ramdiskId: ImageId | null;
};

/** What the disk of a server becomes while it is shelved. */
export type ShelvedImage = { readonly imageId: ImageId; readonly name: string };
