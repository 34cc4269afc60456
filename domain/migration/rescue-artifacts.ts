import type { BootImages } from '../instance/boot-images.ts';
import type { ImageId } from '../shared/ids.ts';

/**
 * A file of the instance directory that libvirt's block copy does not bring along, in Nova's names: `unrescue.xml`,
 * kernels and ramdisks, and whatever else stands there (`disk.eph0`, `disk.swap`, `disk.config`, …).
 */
export type ArtifactName = string;

/** The original machine's definition; the log has it too. */
export const DEFINITION_FILE = 'unrescue.xml';

/** Where one artifact comes from, in the order in which the places are asked. */
export type ArtifactTransfer = {
  readonly name: ArtifactName;
  /** Null: no image holds it, only the source host does. */
  readonly imageId: ImageId | null;
};

/** A file of the source's directory that libvirt's block copy leaves where it is. */
export type CopiedFile = {
  readonly name: string;
  /** What is read and written; holes are counted in `sizeBytes` only. */
  readonly allocatedBytes: number;
  readonly sizeBytes: number;
  /** The running guest refers to it, so that it must be there before that guest can arrive. */
  readonly inUse: boolean;
};

/** What the image service said to a fetch; only `imageNotFound` may fall back (spec: "if not found, copy from source"). */
export type FetchAnswer = 'fetched' | 'imageNotFound' | 'imageServiceFailed';
export type NextSource = 'none' | 'sourceHost' | 'failMigration';

/**
 * The transfer plan of a server: which artifacts its two definitions refer to. `rescued` null is a server that is not
 * rescued, so only its own kernel pair travels. Source: the Pike specification's list, and nova.md D.3 and P for
 * `kernel` and `ramdisk`, which `unrescue.xml` refers to. Of the `files` of the source's directory none is left behind:
 * what no image holds (`disk.eph0`, `disk.swap`, `disk.config`, …) is copied from there.
 */
export function planArtifacts(
  original: BootImages,
  rescued: BootImages | null,
  files: readonly CopiedFile[] = [],
): readonly ArtifactTransfer[] {
  const named = plannedByName(original, rescued);
  const others = files.filter((file) => !named.some(({ name }) => name === file.name));
  return [...named, ...others.map(({ name }) => ({ name, imageId: null }))];
}

function plannedByName(original: BootImages, rescued: BootImages | null): readonly ArtifactTransfer[] {
  return [
    ...(rescued === null ? [] : [{ name: DEFINITION_FILE, imageId: null }]),
    ...fromImage('kernel.rescue', rescued?.kernelId ?? null),
    ...fromImage('ramdisk.rescue', rescued?.ramdiskId ?? null),
    ...fromImage('kernel', original.kernelId),
    ...fromImage('ramdisk', original.ramdiskId),
  ];
}

/**
 * libvirt refuses an incoming guest whose own kernel is missing; what only `unrescue.xml` refers to may come while that
 * guest is being started, but must be there before its memory is copied: then there is no time left for a failure.
 */
export function splitByNeed(
  plan: readonly ArtifactTransfer[],
  rescued: boolean,
  files: readonly CopiedFile[] = [],
): { readonly beforePrepare: readonly ArtifactTransfer[]; readonly beforePerform: readonly ArtifactTransfer[] } {
  const namedByGuest = ({ name, imageId }: ArtifactTransfer): boolean => {
    const file = files.find((candidate) => candidate.name === name);
    return file !== undefined && imageId === null ? file.inUse : !rescued || name.endsWith('.rescue');
  };
  return {
    beforePrepare: plan.filter(namedByGuest),
    beforePerform: plan.filter((transfer) => !namedByGuest(transfer)),
  };
}

function fromImage(name: ArtifactName, imageId: ImageId | null): readonly ArtifactTransfer[] {
  return imageId === null ? [] : [{ name, imageId }];
}

/** What follows the image service's answer. Any error but "not found" fails: a half-broken image service must be seen. */
export function sourceAfter(answer: FetchAnswer): NextSource {
  switch (answer) {
    case 'fetched':
      return 'none';
    case 'imageNotFound':
      return 'sourceHost';
    case 'imageServiceFailed':
      return 'failMigration';
  }
}
