import { imageId } from '../../domain/shared/ids.ts';
import type { Image } from '../../application/ports/image-service.ts';
import type { SimulatedImageService } from './simulated-image-service.ts';

/** Fixed ids, so that a command line can be copied from the README. */
export const SIMULATED_IMAGE = imageId('11111111-1111-4111-8111-111111111111');
export const SIMULATED_RESCUE_IMAGE = imageId('22222222-2222-4222-8222-222222222222');
const SIMULATED_RESCUE_KERNEL = imageId('33333333-3333-4333-8333-333333333333');
const SIMULATED_RESCUE_RAMDISK = imageId('44444444-4444-4444-8444-444444444444');

const KIBIBYTE = 1024;

/** A server's image, and a rescue image with a kernel and a ramdisk of its own. */
export function fillSimulatedImages(images: SimulatedImageService, createdAt: string): void {
  const kernelPair = { kernel_id: SIMULATED_RESCUE_KERNEL, ramdisk_id: SIMULATED_RESCUE_RAMDISK };
  put(images, createdAt, { id: SIMULATED_IMAGE, name: 'simulated', diskFormat: 'raw', containerFormat: 'bare' });
  put(images, createdAt, {
    id: SIMULATED_RESCUE_IMAGE,
    name: 'simulated-rescue',
    diskFormat: 'raw',
    containerFormat: 'bare',
    properties: kernelPair,
  });
  put(images, createdAt, {
    id: SIMULATED_RESCUE_KERNEL,
    name: 'simulated-rescue-kernel',
    diskFormat: 'aki',
    containerFormat: 'aki',
  });
  put(images, createdAt, {
    id: SIMULATED_RESCUE_RAMDISK,
    name: 'simulated-rescue-ramdisk',
    diskFormat: 'ari',
    containerFormat: 'ari',
  });
}

type Described = Pick<Image, 'id' | 'name' | 'diskFormat' | 'containerFormat'> & Partial<Pick<Image, 'properties'>>;

function put(images: SimulatedImageService, createdAt: string, described: Described): void {
  const data = Buffer.alloc(64 * KIBIBYTE, described.name);
  const image: Image = {
    status: 'active',
    sizeBytes: data.length,
    sha256: null,
    minDiskGiB: 0,
    minRamMiB: 0,
    visibility: 'public',
    createdAt,
    updatedAt: createdAt,
    properties: {},
    ...described,
  };
  images.put(image, data);
}
