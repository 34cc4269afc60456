import type { Image } from '../../application/ports/image-service.ts';
import { imageId } from '../../domain/shared/ids.ts';

/** What the recorded deployment had, as far as answers show it. Host order: that of the services' numbers. */
export const RECORDED_HOSTS = [
  { name: 'cmp2', capacity: { vcpus: 1000, memoryMiB: 800_000, diskGiB: 600_000 } },
  { name: 'cmp1', capacity: { vcpus: 1000, memoryMiB: 800_000, diskGiB: 600_000 } },
];

const IMAGE_BYTES = 2000;

/** The server's own, its second one, two for rescues, and one that never got its data. */
const ACTIVE_IMAGES = [
  'd944c41a-f825-4e0c-bb3d-e7915177422b',
  'a4447bc1-6c9c-4e9b-9869-3b5690d035f9',
  'b5994adf-319e-4995-b858-f344de4f6f3e',
];
const QUEUED_IMAGES = ['49004814-99ee-49ec-b52b-bcfc1432b7ce'];

export const RECORDED_IMAGES = [
  ...ACTIVE_IMAGES.map((id) => ({ image: imageOf(id, 'active'), data: new Uint8Array(IMAGE_BYTES) })),
  ...QUEUED_IMAGES.map((id) => ({ image: imageOf(id, 'queued'), data: null })),
];

function imageOf(id: string, status: Image['status']): Image {
  return {
    id: imageId(id),
    name: `recorded-${status}`,
    status,
    diskFormat: 'raw',
    containerFormat: 'bare',
    sizeBytes: IMAGE_BYTES,
    sha256: null,
    minDiskGiB: 0,
    minRamMiB: 0,
    visibility: 'public',
    createdAt: '2026-11-23T08:00:00Z',
    updatedAt: '2026-11-23T08:00:00Z',
    properties: {},
  };
}

const flavor = (id: string, name: string, ramMiB: number) => ({ id, name, vcpus: 1, ramMiB, diskGiB: 1 });

export const RECORDED_FLAVORS = [flavor('1', 'm1.tiny', 64), flavor('2', 'm1.small', 128), flavor('42', 'm1.alt', 192)];
