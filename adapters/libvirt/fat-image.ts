import type { FileTree } from './file-tree.ts';
import { directoryEntries, volumeLabelEntry, type FatEntry } from './fat-names.ts';

/** As `mkfs.vfat` lays out a disk of this size (Microsoft's FAT specification, FAT16). */
const SECTOR_BYTES = 512;
const CLUSTER_BYTES = 4 * SECTOR_BYTES;
const RESERVED_SECTORS = 1;
const FATS = 2;
const ROOT_ENTRIES = 512;
const ROOT_BYTES = ROOT_ENTRIES * 32;
/** Nova's size of a config drive of this format. */
export const FAT_IMAGE_BYTES = 64 * 1024 * 1024;
const SECTORS = FAT_IMAGE_BYTES / SECTOR_BYTES;
const FAT_SECTORS = 128;
const DATA_OFFSET = (RESERVED_SECTORS + FATS * FAT_SECTORS) * SECTOR_BYTES + ROOT_BYTES;
const CLUSTERS = Math.floor((FAT_IMAGE_BYTES - DATA_OFFSET) / CLUSTER_BYTES);
/** The first two entries of the table stand for no cluster. */
const FIRST_CLUSTER = 2;
const END_OF_CHAIN = 0xffff;
const MEDIA_FIXED_DISK = 0xf8;
const ATTRIBUTE = { directory: 0x10, archive: 0x20 } as const;

type Chain = { readonly next: number[]; readonly clusters: Buffer[] };

/**
 * A FAT16 file system of `FAT_IMAGE_BYTES` with these files: the part of it that is not zero, from the beginning on. The
 * same files make the same bytes. Names may be long; label and names are fixed by this program, never a stranger's.
 */
export function fatImage(label: string, tree: FileTree): Buffer {
  const chain: Chain = { next: [(0xff << 8) | MEDIA_FIXED_DISK, END_OF_CHAIN], clusters: [] };
  const root = Buffer.concat([volumeLabelEntry(label), directoryEntries(placeAll(chain, tree, 0))]);
  if (root.length > ROOT_BYTES) throw new Error('fatImage: too many files in the root directory');
  const head = Buffer.alloc(DATA_OFFSET);
  bootSector(label).copy(head);
  const table = Buffer.alloc(FAT_SECTORS * SECTOR_BYTES);
  chain.next.forEach((next, cluster) => table.writeUInt16LE(next, cluster * 2));
  for (let copy = 0; copy < FATS; copy += 1) {
    table.copy(head, (RESERVED_SECTORS + copy * FAT_SECTORS) * SECTOR_BYTES);
  }
  root.copy(head, DATA_OFFSET - ROOT_BYTES);
  return Buffer.concat([head, ...chain.clusters]);
}

function placeAll(chain: Chain, tree: FileTree, parentCluster: number): readonly FatEntry[] {
  return Object.entries(tree)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, content]) =>
      Buffer.isBuffer(content)
        ? { name, attributes: ATTRIBUTE.archive, cluster: place(chain, content), bytes: content.length }
        : placeDirectory(chain, { name, tree: content, parentCluster }),
    );
}

type Directory = { readonly name: string; readonly tree: FileTree; readonly parentCluster: number };

/** Its clusters are taken before those of what is in it, which has to name them. */
function placeDirectory(chain: Chain, { name, tree, parentCluster }: Directory): FatEntry {
  const empty = Object.keys(tree).map((child) => ({ name: child, attributes: 0, cluster: 0, bytes: 0 }));
  const at = chain.clusters.length;
  const cluster = place(chain, Buffer.concat([Buffer.alloc(64), directoryEntries(empty)]));
  const self = { name: '.', attributes: ATTRIBUTE.directory, cluster, bytes: 0 };
  const listing = directoryEntries([
    self,
    { ...self, name: '..', cluster: parentCluster },
    ...placeAll(chain, tree, cluster),
  ]);
  inClusters(listing).forEach((part, index) => {
    chain.clusters[at + index] = part;
  });
  return { name, attributes: ATTRIBUTE.directory, cluster, bytes: 0 };
}

/** The number of the first cluster; 0 for a file without content, which has none. */
function place(chain: Chain, content: Buffer): number {
  const parts = inClusters(content);
  if (parts.length === 0) return 0;
  const first = chain.clusters.length + FIRST_CLUSTER;
  if (chain.clusters.length + parts.length > CLUSTERS) throw new Error('fatImage: more than the disk holds');
  parts.forEach((part, index) => {
    chain.next.push(index === parts.length - 1 ? END_OF_CHAIN : first + index + 1);
    chain.clusters.push(part);
  });
  return first;
}

function inClusters(content: Buffer): readonly Buffer[] {
  return Array.from({ length: Math.ceil(content.length / CLUSTER_BYTES) }, (_, index) => {
    const part = Buffer.alloc(CLUSTER_BYTES);
    content.copy(part, 0, index * CLUSTER_BYTES);
    return part;
  });
}

function bootSector(label: string): Buffer {
  const sector = Buffer.alloc(SECTOR_BYTES);
  // A jump over the parameters, and an endless loop: nothing boots from here.
  sector.set([0xeb, 0x3c, 0x90]);
  sector.write('mkfs.fat', 3, 'latin1');
  sector.writeUInt16LE(SECTOR_BYTES, 11);
  sector.writeUInt8(CLUSTER_BYTES / SECTOR_BYTES, 13);
  sector.writeUInt16LE(RESERVED_SECTORS, 14);
  sector.writeUInt8(FATS, 16);
  sector.writeUInt16LE(ROOT_ENTRIES, 17);
  sector.writeUInt8(MEDIA_FIXED_DISK, 21);
  sector.writeUInt16LE(FAT_SECTORS, 22);
  // Sectors in a track and heads, of which nothing is made use.
  sector.writeUInt16LE(32, 24);
  sector.writeUInt16LE(2, 26);
  sector.writeUInt32LE(SECTORS, 32);
  sector.writeUInt8(0x80, 36);
  sector.writeUInt8(0x29, 38);
  sector.writeUInt32LE(0x2d_32_76_66, 39);
  sector.write(label.padEnd(11), 43, 'latin1');
  sector.write('FAT16   ', 54, 'latin1');
  sector.set([0xeb, 0xfe], 62);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}
