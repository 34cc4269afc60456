import { buildXml, serializeXml, xml } from './xml-document.ts';

export type VolumeFormat = 'raw' | 'qcow2';

export type NewVolume = {
  readonly name: string;
  readonly format: VolumeFormat;
  readonly capacityBytes: number;
  /** All of its blocks are its own from the start: a logical volume cannot be made otherwise. */
  readonly allocated?: true;
  /** The file that it begins with the content of; left out: it begins empty. */
  readonly layeredOn?: { readonly path: string; readonly format: VolumeFormat };
};

/** A volume without content, and without blocks of its own. */
export function volumeDefinition({ name, format, capacityBytes, allocated, layeredOn }: NewVolume): string {
  const description = xml(
    'volume',
    {},
    xml('name', {}, name),
    xml('capacity', { unit: 'bytes' }, String(capacityBytes)),
    xml('allocation', { unit: 'bytes' }, allocated === true ? String(capacityBytes) : '0'),
    xml(
      'target',
      {},
      xml('format', { type: format }),
      xml('permissions', {}, xml('mode', {}, '0600')),
      // libvirt's default is qcow2 of 2008, which knows no zero clusters: a block copy into it takes twice as long.
      ...(format === 'qcow2' ? [xml('compat', {}, '1.1')] : []),
    ),
    ...(layeredOn === undefined
      ? []
      : [xml('backingStore', {}, xml('path', {}, layeredOn.path), xml('format', { type: layeredOn.format }))]),
  );
  return serializeXml(buildXml(description));
}
