import { createHash } from 'node:crypto';
import type { SimulatedImageService } from '../../../adapters/simulated/simulated-image-service.ts';
import type { Flavor } from '../../../application/ports/flavors.ts';
import { imageId } from '../../../domain/shared/ids.ts';

export const CHAOS_FLAVOR: Flavor = {
  id: '1',
  name: 'm1.tiny',
  vcpus: 1,
  ramMiB: 128,
  diskGiB: 1,
  description: null,
  extraSpecs: {},
};

const IMAGE_BYTES = 500;
const AT = '2026-01-01T00:00:00Z';

export const CHAOS_IMAGES = {
  stock: imageId('00000000-0000-4000-8000-00000000aaa0'),
  stockKernel: imageId('00000000-0000-4000-8000-00000000aaa1'),
  stockRamdisk: imageId('00000000-0000-4000-8000-00000000aaa2'),
  rescue: imageId('00000000-0000-4000-8000-00000000bbb0'),
  rescueKernel: imageId('00000000-0000-4000-8000-00000000bbb1'),
  rescueRamdisk: imageId('00000000-0000-4000-8000-00000000bbb2'),
} as const;

const { stockKernel, stockRamdisk, rescueKernel, rescueRamdisk } = CHAOS_IMAGES;
const KERNEL_PAIRS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  stock: { kernel_id: stockKernel, ramdisk_id: stockRamdisk },
  rescue: { kernel_id: rescueKernel, ramdisk_id: rescueRamdisk },
};

/** A server's image and a rescue image, each with a kernel and a ramdisk; their hashes are known, as Glance's are. */
export function fillChaosImages(images: SimulatedImageService): void {
  for (const [name, id] of Object.entries(CHAOS_IMAGES)) {
    const facts = { id, name, sizeBytes: IMAGE_BYTES, sha256: contentHash(name), minDiskGiB: 0, minRamMiB: 0 };
    const kind = { diskFormat: 'raw', containerFormat: 'bare', status: 'active', visibility: 'public' } as const;
    const properties = KERNEL_PAIRS[name] ?? {};
    images.put({ ...facts, ...kind, properties, createdAt: AT, updatedAt: AT }, contentOf(name));
  }
}

/** The hash by which the disk made from the server's image is known again. */
export const originalDiskHash = (): string => STOCK_HASH;

const contentOf = (name: string): Uint8Array => Buffer.alloc(IMAGE_BYTES, name);
const contentHash = (name: string): string => createHash('sha256').update(contentOf(name)).digest('hex');

const STOCK_HASH = contentHash('stock');
