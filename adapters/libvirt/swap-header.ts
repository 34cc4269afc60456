/** Of x86-64. */
const PAGE_BYTES = 4096;
const VERSION_OFFSET = 1024;
const SIGNATURE = 'SWAPSPACE2';

/** The first page of a swap space of that size, as `mkswap` writes it; the rest need not be written. */
export function swapHeader(sizeBytes: number): Buffer {
  const header = Buffer.alloc(PAGE_BYTES);
  header.writeUInt32LE(1, VERSION_OFFSET);
  header.writeUInt32LE(Math.floor(sizeBytes / PAGE_BYTES) - 1, VERSION_OFFSET + 4);
  header.write(SIGNATURE, PAGE_BYTES - SIGNATURE.length, 'latin1');
  return header;
}
