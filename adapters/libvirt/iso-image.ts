import type { FileTree } from './file-tree.ts';

/** ECMA-119, interchange level 2: names of up to 31 characters, which Linux and Windows show without the version. */
const SECTOR_BYTES = 2048;
const SYSTEM_AREA_SECTORS = 16;
const NAME_CHARACTERS_MAX = 30;
const IS_DIRECTORY = 2;

type Entry = { readonly name: string; readonly sector: number; readonly bytes: number; readonly isDirectory: boolean };
type Directory = { readonly name: string; readonly sector: number; readonly parent: number };

/** A CD-ROM image with these files. Names are letters, digits, `_` and one dot; an empty file takes no sector. */
export function isoImage(label: string, tree: FileTree): Buffer {
  const sectors: Buffer[] = Array.from({ length: SYSTEM_AREA_SECTORS + 4 }, () => Buffer.alloc(SECTOR_BYTES));
  const directories: Directory[] = [];
  const root = layOut({ sectors, directories }, { name: '', tree, parent: null });
  const pathTable = { little: pathTableOf(directories, false), big: pathTableOf(directories, true) };
  pathTable.little.copy(sectorAt(sectors, SYSTEM_AREA_SECTORS + 2));
  pathTable.big.copy(sectorAt(sectors, SYSTEM_AREA_SECTORS + 3));
  primaryDescriptor(label, root, { sectors: sectors.length, pathTableBytes: pathTable.little.length }).copy(
    sectorAt(sectors, SYSTEM_AREA_SECTORS),
  );
  sectorAt(sectors, SYSTEM_AREA_SECTORS + 1).set([255, ...Buffer.from('CD001'), 1]);
  return Buffer.concat(sectors);
}

type Layout = { readonly sectors: Buffer[]; readonly directories: Directory[] };
type Place = { readonly name: string; readonly tree: FileTree; readonly parent: { readonly sector: number } | null };

/** One sector for each directory, which here has a handful of entries. */
function layOut(layout: Layout, { name, tree, parent }: Place): Entry {
  const { sectors, directories } = layout;
  const sector = sectors.length;
  sectors.push(Buffer.alloc(SECTOR_BYTES));
  const parentNumber = directories.findIndex((directory) => directory.sector === (parent?.sector ?? sector)) + 1;
  directories.push({ name, sector, parent: Math.max(1, parentNumber) });
  const own = { sector, bytes: SECTOR_BYTES, isDirectory: true };
  const above = { sector: parent?.sector ?? sector, bytes: SECTOR_BYTES, isDirectory: true };
  const entries = Object.entries(tree)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([child, content]) =>
      Buffer.isBuffer(content)
        ? placeFile(sectors, child, content)
        : layOut(layout, { name: child, tree: content, parent: own }),
    );
  const records = [{ ...own, name: '\0' }, { ...above, name: '\u0001' }, ...entries].map(directoryRecord);
  const listing = Buffer.concat(records);
  if (listing.length > SECTOR_BYTES) throw new Error(`isoImage: too many files in ${name}`);
  listing.copy(sectorAt(sectors, sector));
  return { ...own, name };
}

function placeFile(sectors: Buffer[], name: string, content: Buffer): Entry {
  const sector = sectors.length;
  for (let offset = 0; offset < content.length; offset += SECTOR_BYTES) {
    const part = Buffer.alloc(SECTOR_BYTES);
    content.copy(part, 0, offset);
    sectors.push(part);
  }
  return { name, sector, bytes: content.length, isDirectory: false };
}

function directoryRecord({ name, sector, bytes, isDirectory }: Entry): Buffer {
  const identifier = Buffer.from(recordName(name, isDirectory), 'latin1');
  const record = Buffer.alloc(33 + identifier.length + ((identifier.length + 1) % 2));
  record.writeUInt8(record.length, 0);
  bothEndian32(record, 2, sector);
  bothEndian32(record, 10, bytes);
  // The first of January 1980: the same facts make the same bytes, on every host and at every rescue.
  record.set([80, 1, 1, 0, 0, 0, 0], 18);
  record.writeUInt8(isDirectory ? IS_DIRECTORY : 0, 25);
  bothEndian16(record, 28, 1);
  record.writeUInt8(identifier.length, 32);
  identifier.copy(record, 33);
  return record;
}

function recordName(name: string, isDirectory: boolean): string {
  if (name === '\0' || name === '\u0001') return name;
  if (!/^[a-z0-9_]+(\.[a-z0-9_]+)?$/i.test(name) || name.length > NAME_CHARACTERS_MAX) {
    throw new Error(`isoImage: ${name} cannot be the name of a file`);
  }
  const upper = name.toUpperCase();
  return isDirectory ? upper : `${upper}${upper.includes('.') ? '' : '.'};1`;
}

function pathTableOf(directories: readonly Directory[], isBigEndian: boolean): Buffer {
  const records = directories.map(({ name, sector, parent }) => {
    const identifier = Buffer.from(name === '' ? '\0' : name.toUpperCase(), 'latin1');
    const record = Buffer.alloc(8 + identifier.length + (identifier.length % 2));
    record.writeUInt8(identifier.length, 0);
    if (isBigEndian) {
      record.writeUInt32BE(sector, 2);
      record.writeUInt16BE(parent, 6);
    } else {
      record.writeUInt32LE(sector, 2);
      record.writeUInt16LE(parent, 6);
    }
    identifier.copy(record, 8);
    return record;
  });
  return Buffer.concat(records);
}

function primaryDescriptor(
  label: string,
  root: Entry,
  { sectors, pathTableBytes }: { readonly sectors: number; readonly pathTableBytes: number },
): Buffer {
  const descriptor = Buffer.alloc(SECTOR_BYTES);
  descriptor.set([1, ...Buffer.from('CD001'), 1], 0);
  descriptor.fill(' ', 8, 72);
  descriptor.write(label, 40, 32, 'latin1');
  bothEndian32(descriptor, 80, sectors);
  bothEndian16(descriptor, 120, 1);
  bothEndian16(descriptor, 124, 1);
  bothEndian16(descriptor, 128, SECTOR_BYTES);
  bothEndian32(descriptor, 132, pathTableBytes);
  descriptor.writeUInt32LE(SYSTEM_AREA_SECTORS + 2, 140);
  descriptor.writeUInt32BE(SYSTEM_AREA_SECTORS + 3, 148);
  directoryRecord({ ...root, name: '\0' }).copy(descriptor, 156);
  descriptor.fill(' ', 190, 813);
  for (const offset of [813, 830, 847, 864]) descriptor.fill('0', offset, offset + 16);
  descriptor.writeUInt8(1, 881);
  return descriptor;
}

function bothEndian32(target: Buffer, offset: number, value: number): void {
  target.writeUInt32LE(value, offset);
  target.writeUInt32BE(value, offset + 4);
}

function bothEndian16(target: Buffer, offset: number, value: number): void {
  target.writeUInt16LE(value, offset);
  target.writeUInt16BE(value, offset + 2);
}

function sectorAt(sectors: readonly Buffer[], index: number): Buffer {
  const sector = sectors[index];
  if (sector === undefined) throw new Error(`isoImage: no sector ${index}`);
  return sector;
}
