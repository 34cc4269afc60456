/** An entry of a FAT directory; `cluster` 0 is a file without content, or the root directory. */
export type FatEntry = {
  readonly name: string;
  readonly attributes: number;
  readonly cluster: number;
  readonly bytes: number;
};

const ENTRY_BYTES = 32;
const ATTRIBUTE_VOLUME_LABEL = 0x08;
const ATTRIBUTE_LONG_NAME = 0x0f;
const LAST_LONG_ENTRY = 0x40;
/** Where the 13 characters of a long name's entry stand in it. */
const LONG_NAME_OFFSETS: readonly number[] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
const NAME = /^[A-Za-z0-9_.-]{1,255}$/;
const SHORT_NAME = /^([A-Z0-9_-]{1,8})(?:\.([A-Z0-9_-]{1,3}))?$/;
/** The first of January 1980, the calendar's first day: the same facts make the same bytes. */
const DATE = 0x0021;

/** A directory's entries with their long names; `.` and `..` are entries like any other. */
export function directoryEntries(entries: readonly FatEntry[]): Buffer {
  const taken = new Set<string>();
  const parts = entries.flatMap((entry) => {
    if (entry.name === '.' || entry.name === '..') return [shortEntry(entry.name.padEnd(11), entry)];
    if (!NAME.test(entry.name)) throw new Error(`directoryEntries: ${entry.name} is no name for a file`);
    const short = shortNameOf(entry.name, taken);
    taken.add(short);
    const plain = SHORT_NAME.test(entry.name);
    return [...(plain ? [] : longEntries(entry.name, short)), shortEntry(short, entry)];
  });
  return Buffer.concat(parts);
}

/** What the volume is called, which stands as the first entry of the root directory. */
export function volumeLabelEntry(label: string): Buffer {
  return shortEntry(label.padEnd(11), { attributes: ATTRIBUTE_VOLUME_LABEL, cluster: 0, bytes: 0 });
}

/** Eleven characters, as none of the directory's other entries has them. */
function shortNameOf(name: string, taken: ReadonlySet<string>): string {
  const match = SHORT_NAME.exec(name);
  if (match !== null) return (match[1] ?? '').padEnd(8) + (match[2] ?? '').padEnd(3);
  const upper = name.toUpperCase().replaceAll('-', '_');
  const dot = upper.lastIndexOf('.');
  const base = (dot <= 0 ? upper : upper.slice(0, dot)).replaceAll('.', '');
  const extension = dot <= 0 ? '' : upper.slice(dot + 1, dot + 4);
  for (let number = 1; ; number += 1) {
    const tail = `~${number}`;
    const short = (base.slice(0, 8 - tail.length) + tail).padEnd(8) + extension.padEnd(3);
    if (!taken.has(short)) return short;
  }
}

function shortEntry(short: string, { attributes, cluster, bytes }: Omit<FatEntry, 'name'>): Buffer {
  const entry = Buffer.alloc(ENTRY_BYTES);
  entry.write(short, 0, 'latin1');
  entry.writeUInt8(attributes, 11);
  for (const date of [16, 18, 24]) entry.writeUInt16LE(DATE, date);
  entry.writeUInt16LE(cluster, 26);
  entry.writeUInt32LE(bytes, 28);
  return entry;
}

/** The last part of the name comes first; each entry says which short name it belongs to. */
function longEntries(name: string, short: string): readonly Buffer[] {
  const count = Math.ceil(name.length / LONG_NAME_OFFSETS.length);
  return Array.from({ length: count }, (_, index) => {
    const order = count - index;
    const entry = Buffer.alloc(ENTRY_BYTES);
    entry.writeUInt8(index === 0 ? order | LAST_LONG_ENTRY : order, 0);
    entry.writeUInt8(ATTRIBUTE_LONG_NAME, 11);
    entry.writeUInt8(checksum(short), 13);
    LONG_NAME_OFFSETS.forEach((offset, place) => {
      const at = (order - 1) * LONG_NAME_OFFSETS.length + place;
      // One zero ends a name that does not fill its last entry; what is behind is filled with ones.
      entry.writeUInt16LE(at < name.length ? name.charCodeAt(at) : at === name.length ? 0 : 0xffff, offset);
    });
    return entry;
  });
}

const checksum = (short: string): number =>
  Buffer.from(short, 'latin1').reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
