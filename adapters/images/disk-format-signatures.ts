export type DetectedFormat =
  | 'qcow'
  | 'qcow2'
  | 'qed'
  | 'vmdk'
  | 'vhd'
  | 'vhdx'
  | 'vdi'
  | 'luks'
  | 'parallels'
  | 'bochs'
  | 'cloop'
  | 'iso'
  | 'gpt'
  | 'mbr';

const QCOW_MAGIC = 'QFI\u00fb';
const ISO_DESCRIPTOR_OFFSET_BYTES = 32_769;
const ISO_IDENTIFIERS = ['CD001', 'BEA01', 'NSR02', 'NSR03'] as const;
const PARTITION_ENTRIES_OFFSET_BYTES = 446;
const PARTITION_ENTRY_BYTES = 16;
const PARTITION_ENTRIES = 4;
const LINUX_BOOT_MAGIC_OFFSET_BYTES = 514;
// QEMU's own probe reads the first 512 bytes; reading more finds what another tool's probe would still accept.
const VMDK_DESCRIPTOR_PROBE_BYTES = 4096;

/** Magics at a fixed place, each from the format's specification; qcow's versions share one and are told apart below. */
const FIXED_SIGNATURES: readonly (readonly [format: DetectedFormat, offset: number, magic: string])[] = [
  ['qed', 0, 'QED\0'],
  ['vmdk', 0, 'KDMV'],
  ['vmdk', 0, 'COWD'],
  ['vhd', 0, 'conectix'],
  ['vhdx', 0, 'vhdxfile'],
  ['vdi', 64, '\u007f\u0010\u00da\u00be'],
  ['luks', 0, 'LUKS\u00ba\u00be'],
  ['parallels', 0, 'WithoutFreeSpace'],
  ['parallels', 0, 'WithouFreSpacExt'],
  ['bochs', 0, 'Bochs Virtual HD Image'],
  ['cloop', 0, '#!/bin/sh\n#V2.0 Format\n'],
  ['gpt', 512, 'EFI PART'],
  ['gpt', 4096, 'EFI PART'],
];

/**
 * Every format whose signature stands in the first bytes of an image. More than one is possible: a file built to be
 * two formats at once is an attack on whoever looks at the other one. A fixed-size VHD has its mark at the end only
 * and is not found; nothing probes it either, so its bytes are plain disk content.
 */
export function detectFormats(header: Uint8Array): readonly DetectedFormat[] {
  const found = new Set<DetectedFormat>();
  for (const [format, offset, magic] of FIXED_SIGNATURES)
    if (textAt(header, offset, magic.length) === magic) found.add(format);
  if (textAt(header, 0, QCOW_MAGIC.length) === QCOW_MAGIC) found.add(qcowVersionIsOne(header) ? 'qcow' : 'qcow2');
  if (startsWithVmdkDescriptor(header)) found.add('vmdk');
  const identifier = textAt(header, ISO_DESCRIPTOR_OFFSET_BYTES, 5);
  if (ISO_IDENTIFIERS.some((known) => known === identifier)) found.add('iso');
  if (hasPartitionTable(header)) found.add('mbr');
  return [...found];
}

function textAt(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', offset, offset + length);
}

function qcowVersionIsOne(header: Uint8Array): boolean {
  return textAt(header, 4, 4) === '\0\0\0\u0001';
}

/** QEMU takes any text as a VMDK descriptor whose first line, comments and blank lines aside, is `version=1`, 2 or 3. */
function startsWithVmdkDescriptor(header: Uint8Array): boolean {
  const lines = textAt(header, 0, VMDK_DESCRIPTOR_PROBE_BYTES).split('\n');
  const first = lines.find((line) => !line.startsWith('#') && line.trim() !== '');
  if (first !== undefined && /^\s*version\s*=\s*[1-3]\s*$/i.test(first)) return true;
  return lines[0]?.trimEnd().startsWith('# Disk DescriptorFile') ?? false;
}

/** The boot signature alone is no proof: a Linux kernel has it at the same place, followed by its own magic. */
function hasPartitionTable(header: Uint8Array): boolean {
  if (textAt(header, 510, 2) !== '\u0055\u00aa' || textAt(header, LINUX_BOOT_MAGIC_OFFSET_BYTES, 4) === 'HdrS')
    return false;
  const entries = Array.from({ length: PARTITION_ENTRIES }, (_, index) => {
    const offset = PARTITION_ENTRIES_OFFSET_BYTES + index * PARTITION_ENTRY_BYTES;
    return { status: header[offset] ?? 0, type: header[offset + 4] ?? 0 };
  });
  const plausible = entries.every(({ status }) => status === 0 || status === 0x80);
  return plausible && entries.some(({ type }) => type !== 0);
}
