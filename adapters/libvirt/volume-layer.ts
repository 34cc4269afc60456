import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import type { LibvirtConnections } from './libvirt-connections.ts';
import type { RemoteStorageVolume } from './rpc/remote-objects.ts';
import { STORAGE_VOL_GET_XML_DESC } from './rpc/storage-procedures.ts';
import type { VolumeFormat } from './volume-definition.ts';
import { attribute, find, parseXml, rootOf } from './xml-document.ts';

/** What libvirt has read in the header of a file when it last looked at the pool. */
export type VolumeLayer = {
  readonly format: VolumeFormat;
  /** The file that it is layered on; null: it stands alone. */
  readonly layeredOn: string | null;
};

export async function volumeLayer(
  connections: LibvirtConnections,
  volume: RemoteStorageVolume,
): Promise<Outcome<VolumeLayer>> {
  const described = await connections.call(STORAGE_VOL_GET_XML_DESC, { volume, flags: 0 });
  if (described.outcome !== 'succeeded') return outcomeOf(described, `looking at ${volume.key}`);
  const root = rootOf(parseXml(described.value));
  const type = attribute(find(root, 'target', 'format'), 'type');
  const layeredOn = find(root, 'backingStore', 'path')?.textContent ?? '';
  return succeeded({ format: type === 'qcow2' ? 'qcow2' : 'raw', layeredOn: layeredOn === '' ? null : layeredOn });
}
