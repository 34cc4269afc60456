import { bootElements, FILES, type DirectBoot } from './guest-definition.ts';
import { diskElement } from './guest-devices.ts';
import type { VolumeFormat } from './volume-definition.ts';
import {
  attribute,
  childrenOf,
  elementOf,
  find,
  parseXml,
  remove,
  rootOf,
  serializeXml,
  type Document,
  type Element,
} from './xml-document.ts';

export type RescueDefinitionOptions = {
  readonly directory: string;
  readonly rescueDiskFormat: VolumeFormat;
  readonly boot: DirectBoot | null;
};

/**
 * The definition a rescued server runs with: Nova's legacy mode (nova.md C.3). The rescue disk is the first disk, the
 * original root the second, and no other disk is in it; everything else stays as the owner had it.
 */
export function rescueDefinition(
  original: string,
  { directory, rescueDiskFormat, boot }: RescueDefinitionOptions,
): string {
  const document = parseXml(original);
  const domain = rootOf(document);
  const devices = find(domain, 'devices');
  const os = find(domain, 'os');
  if (devices === null || os === null) throw new Error('a definition without <os> or <devices>');
  replaceBoot(document, os, boot);
  const disks = childrenOf(devices, 'disk');
  const root = disks.find((disk) => attribute(find(disk, 'source'), 'file') === `${directory}/${FILES.disk}`);
  if (root === undefined) throw new Error(`a definition without the disk ${directory}/${FILES.disk}`);
  for (const disk of disks) if (disk !== root) remove(disk);
  const rescueDisk = elementOf(document, diskElement(`${directory}/${FILES.rescueDisk}`, rescueDiskFormat, 'vda'));
  devices.insertBefore(rescueDisk, root);
  moveToSecondPlace(root);
  return serializeXml(document);
}

function replaceBoot(document: Document, os: Element, boot: DirectBoot | null): void {
  for (const name of ['kernel', 'initrd', 'cmdline', 'boot']) {
    for (const element of childrenOf(os, name)) remove(element);
  }
  for (const tree of bootElements(boot)) os.appendChild(elementOf(document, tree));
}

// Its PCI address goes to the rescue disk's place in libvirt's own numbering, so libvirt assigns both anew.
function moveToSecondPlace(root: Element): void {
  find(root, 'target')?.setAttribute('dev', 'vdb');
  for (const name of ['address', 'alias', 'boot']) {
    for (const element of childrenOf(root, name)) remove(element);
  }
}
