/** Offsets, limits and feature bits: the qcow2 specification (QEMU docs/interop/qcow2) and the limits QEMU opens with. */
const VERSION_2_HEADER_BYTES = 72;
const VERSION_3_HEADER_BYTES = 104;
const CLUSTER_BITS_MIN = 9;
const CLUSTER_BITS_MAX = 21;
const L1_TABLE_BYTES_MAX = 32n * 1024n * 1024n;
const REFCOUNT_TABLE_BYTES_MAX = 8n * 1024n * 1024n;
const SNAPSHOTS_MAX = 65_536;
const REFCOUNT_ORDER_MAX = 6;
/** Far above any real root or rescue disk; a larger one only serves to exhaust a host. */
const VIRTUAL_SIZE_BYTES_MAX = 64 * 1024 ** 4;

const FEATURE_CORRUPT = 1n << 1n;
const FEATURE_EXTERNAL_DATA_FILE = 1n << 2n;
const FEATURE_EXTENDED_L2 = 1n << 4n;
const FEATURES_KNOWN = 0b1_1111n;

const EXTENSION_END = 0;
const EXTENSION_EXTERNAL_DATA_FILE = 0x4441_5441;
const EXTENSION_ENCRYPTION_HEADER = 0x0537_be77;

export type Qcow2Finding =
  { readonly sound: true; readonly virtualSizeBytes: number } | { readonly sound: false; readonly reason: string };

type Qcow2Fields = {
  readonly version: number;
  readonly backingFileOffset: bigint;
  readonly backingFileNameBytes: number;
  readonly clusterBits: number;
  readonly virtualSizeBytes: bigint;
  readonly encryptionMethod: number;
  readonly l1Entries: number;
  readonly l1Offset: bigint;
  readonly refcountTableOffset: bigint;
  readonly refcountTableClusters: number;
  readonly snapshots: number;
  readonly incompatibleFeatures: bigint;
  readonly refcountOrder: number;
  readonly headerBytes: number;
};

/**
 * Whether a qcow2 file stands alone and is sane. A backing file or an external data file would have the host open
 * a path the image's author chose (CVE-2022-47951, CVE-2024-32498). `header` is the file's beginning, magic included.
 */
export function inspectQcow2Header(header: Uint8Array, sizeBytes: number): Qcow2Finding {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.byteLength < VERSION_2_HEADER_BYTES) return unsound('is qcow2 but too short for its header');
  const version = view.getUint32(4);
  if (version !== 2 && version !== 3) return unsound(`is qcow2 of version ${version}; only 2 and 3 are allowed`);
  if (version === 3 && header.byteLength < VERSION_3_HEADER_BYTES)
    return unsound('is qcow2 but too short for its header');
  const fields = readFields(view, version);
  const reason = outsideReference(fields) ?? insaneValue(fields, sizeBytes) ?? forbiddenExtension(view, fields);
  return reason === null ? { sound: true, virtualSizeBytes: Number(fields.virtualSizeBytes) } : unsound(reason);
}

function unsound(reason: string): Qcow2Finding {
  return { sound: false, reason };
}

function readFields(view: DataView, version: number): Qcow2Fields {
  return {
    version,
    backingFileOffset: view.getBigUint64(8),
    backingFileNameBytes: view.getUint32(16),
    clusterBits: view.getUint32(20),
    virtualSizeBytes: view.getBigUint64(24),
    encryptionMethod: view.getUint32(32),
    l1Entries: view.getUint32(36),
    l1Offset: view.getBigUint64(40),
    refcountTableOffset: view.getBigUint64(48),
    refcountTableClusters: view.getUint32(56),
    snapshots: view.getUint32(60),
    incompatibleFeatures: version === 3 ? view.getBigUint64(72) : 0n,
    refcountOrder: version === 3 ? view.getUint32(96) : 4,
    headerBytes: version === 3 ? view.getUint32(100) : VERSION_2_HEADER_BYTES,
  };
}

function outsideReference(fields: Qcow2Fields): string | null {
  if (fields.backingFileOffset !== 0n || fields.backingFileNameBytes !== 0) return 'is qcow2 with a backing file';
  if ((fields.incompatibleFeatures & FEATURE_EXTERNAL_DATA_FILE) !== 0n) return 'is qcow2 with an external data file';
  if ((fields.incompatibleFeatures & FEATURE_CORRUPT) !== 0n)
    return 'is qcow2 marked corrupt; repair it with qemu-img check';
  if ((fields.incompatibleFeatures & ~FEATURES_KNOWN) !== 0n) return 'is qcow2 with unknown incompatible features';
  if (fields.encryptionMethod !== 0) return 'is encrypted qcow2';
  return null;
}

function insaneValue(fields: Qcow2Fields, sizeBytes: number): string | null {
  if (fields.clusterBits < CLUSTER_BITS_MIN || fields.clusterBits > CLUSTER_BITS_MAX)
    return `is qcow2 with an impossible cluster size of 2^${fields.clusterBits} bytes`;
  const cluster = 1n << BigInt(fields.clusterBits);
  if (fields.virtualSizeBytes > BigInt(VIRTUAL_SIZE_BYTES_MAX))
    return `is qcow2 with a virtual size above ${VIRTUAL_SIZE_BYTES_MAX} bytes`;
  if (fields.refcountOrder > REFCOUNT_ORDER_MAX) return 'is qcow2 with an impossible reference count width';
  if (fields.snapshots > SNAPSHOTS_MAX) return 'is qcow2 with too many snapshots';
  if (fields.version === 3 && (fields.headerBytes < VERSION_3_HEADER_BYTES || BigInt(fields.headerBytes) > cluster))
    return 'is qcow2 with an impossible header length';
  return insaneTable(fields, cluster, BigInt(sizeBytes));
}

function insaneTable(fields: Qcow2Fields, cluster: bigint, sizeBytes: bigint): string | null {
  const refcountTableBytes = BigInt(fields.refcountTableClusters) * cluster;
  if (refcountTableBytes === 0n || refcountTableBytes > REFCOUNT_TABLE_BYTES_MAX)
    return 'is qcow2 with an impossible reference count table';
  if (BigInt(fields.l1Entries) * 8n > L1_TABLE_BYTES_MAX) return 'is qcow2 with an impossible L1 table';
  const l2EntryBytes = (fields.incompatibleFeatures & FEATURE_EXTENDED_L2) === 0n ? 8n : 16n;
  const bytesPerL1Entry = (cluster / l2EntryBytes) * cluster;
  if (BigInt(fields.l1Entries) * bytesPerL1Entry < fields.virtualSizeBytes)
    return 'is qcow2 whose L1 table is too small for its size';
  for (const offset of [fields.refcountTableOffset, fields.l1Offset])
    if (offset % cluster !== 0n || offset >= sizeBytes)
      return 'is qcow2 with a table outside the file or not on a cluster';
  return null;
}

/** Walks the extensions of the first cluster. Ones that go on behind the inspected bytes are refused, not guessed. */
function forbiddenExtension(view: DataView, fields: Qcow2Fields): string | null {
  const end = 2 ** fields.clusterBits;
  for (let offset = fields.headerBytes; offset + 8 <= end;) {
    if (offset + 8 > view.byteLength) return 'is qcow2 with header extensions beyond the inspected bytes';
    const type = view.getUint32(offset);
    const bytes = view.getUint32(offset + 4);
    if (type === EXTENSION_END) return null;
    if (type === EXTENSION_EXTERNAL_DATA_FILE) return 'is qcow2 naming an external data file';
    if (type === EXTENSION_ENCRYPTION_HEADER) return 'is encrypted qcow2';
    if (bytes > end - offset - 8) return 'is qcow2 with a header extension longer than its cluster';
    offset += 8 + Math.ceil(bytes / 8) * 8;
  }
  return null;
}
