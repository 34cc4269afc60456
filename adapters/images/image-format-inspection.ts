import type { DiskFormat } from '../../application/ports/image-service.ts';
import { impossible } from '../../domain/shared/impossible.ts';
import { detectFormats, type DetectedFormat } from './disk-format-signatures.ts';
import { inspectQcow2Header } from './qcow2-header-inspection.ts';

/**
 * How much of an image is looked at. ISO 9660 has its mark at 32 KiB and one sector, and qcow2 keeps its header
 * extensions in the first cluster, 64 KiB unless asked otherwise; nothing that decides stands later.
 */
export const INSPECTED_HEADER_BYTES = 64 * 1024;

export type ImageInspection =
  /** `virtualSizeBytes` is the disk a guest sees; null for a kernel or ramdisk, which is no disk. */
  | { readonly safe: true; readonly virtualSizeBytes: number | null }
  /** A clause that continues "the image …". */
  | { readonly safe: false; readonly reason: string };

/** Inside a raw disk a partition table is ordinary content, and a bootable ISO has one too. */
const PARTITION_TABLES: readonly DetectedFormat[] = ['gpt', 'mbr'];

/**
 * Whether the content is what its owner declared and refers to nothing outside itself. A host that opens, or probes,
 * an image of another format than it believes gives the image's author its own files (CVE-2022-47951, CVE-2024-32498).
 * `header` is the first `INSPECTED_HEADER_BYTES` of the image, or all of a shorter one. No content makes it throw.
 */
export function inspectImage(declaredFormat: DiskFormat, header: Uint8Array, sizeBytes: number): ImageInspection {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes <= 0) return unsafe('has no data');
  if (header.byteLength > sizeBytes) return unsafe('has more data than its size says');
  const inspected = header.subarray(0, INSPECTED_HEADER_BYTES);
  if (inspected.byteLength < Math.min(sizeBytes, INSPECTED_HEADER_BYTES))
    return unsafe('ended before it could be inspected');
  const detected = detectFormats(inspected);
  switch (declaredFormat) {
    case 'raw':
    case 'ami':
      return matches(declaredFormat, detected, []) ?? { safe: true, virtualSizeBytes: sizeBytes };
    case 'iso':
      return matches(declaredFormat, detected, ['iso']) ?? { safe: true, virtualSizeBytes: sizeBytes };
    case 'qcow2':
      return matches(declaredFormat, detected, ['qcow2']) ?? inspectQcow2(inspected, sizeBytes);
    case 'aki':
    case 'ari':
      return detected.length > 0
        ? unsafe(`is declared ${declaredFormat} but its content is a disk image: ${detected.join(', ')}`)
        : { safe: true, virtualSizeBytes: null };
    default:
      return impossible(declaredFormat, 'inspectImage');
  }
}

/** Null when exactly the `required` formats are there, partition tables aside. */
function matches(
  declared: DiskFormat,
  detected: readonly DetectedFormat[],
  required: readonly DetectedFormat[],
): ImageInspection | null {
  const missing = required.filter((format) => !detected.includes(format));
  if (missing.length > 0)
    return unsafe(`is declared ${declared} but its content is ${detected.join(', ') || 'something else'}`);
  const foreign = detected.filter((format) => !required.includes(format) && !PARTITION_TABLES.includes(format));
  return foreign.length > 0 ? unsafe(`is declared ${declared} but its content is also ${foreign.join(', ')}`) : null;
}

function inspectQcow2(header: Uint8Array, sizeBytes: number): ImageInspection {
  const finding = inspectQcow2Header(header, sizeBytes);
  return finding.sound ? { safe: true, virtualSizeBytes: finding.virtualSizeBytes } : unsafe(finding.reason);
}

function unsafe(reason: string): ImageInspection {
  return { safe: false, reason };
}
