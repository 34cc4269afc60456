import { attribute, childrenOf, find, parseXml, rootOf, serializeXml } from './xml-document.ts';

/** How libvirt gives a guest what lies in a storage pool. */
export type DiskKind = 'file' | 'block';

/** A disk that was made in the server's directory and has been moved into a storage pool; raw in any case. */
export type PooledDisk = { readonly madeAt: string; readonly path: string; readonly kind: DiskKind };

/** The definition with disks of the server's directory where they lie now. What is not named stays as it is. */
export function withPooledDisks(definition: string, pooled: readonly PooledDisk[]): string {
  if (pooled.length === 0) return definition;
  const document = parseXml(definition);
  const devices = find(rootOf(document), 'devices');
  for (const disk of devices === null ? [] : childrenOf(devices, 'disk')) {
    const source = find(disk, 'source');
    const moved = pooled.find(({ madeAt }) => madeAt === attribute(source, 'file'));
    if (moved === undefined) continue;
    disk.setAttribute('type', moved.kind);
    source?.removeAttribute('file');
    source?.setAttribute(moved.kind === 'block' ? 'dev' : 'file', moved.path);
    find(disk, 'driver')?.setAttribute('type', 'raw');
  }
  return serializeXml(document);
}
