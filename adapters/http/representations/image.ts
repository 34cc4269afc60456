import type { Image } from '../../../application/ports/image-service.ts';
import { imageLink, selfAndBookmark, type Links } from '../links.ts';
import { inSeconds } from '../time-format.ts';

/** How the Compute API's old image routes tell a status, and how far along they say it is (Nova's image proxy). */
const STATUSES: Readonly<Record<Image['status'], { readonly status: string; readonly progress: number }>> = {
  active: { status: 'ACTIVE', progress: 100 },
  queued: { status: 'SAVING', progress: 25 },
  saving: { status: 'SAVING', progress: 50 },
  deactivated: { status: 'UNKNOWN', progress: 0 },
  deleted: { status: 'DELETED', progress: 0 },
};

const imageLinks = ({ id }: Image, links: Links) => [
  ...selfAndBookmark(links, `images/${id}`),
  { rel: 'alternate', type: 'application/vnd.openstack.image', href: imageLink(links, id) },
];

export function imageSummary(image: Image, links: Links): object {
  return { id: image.id, name: image.name, links: imageLinks(image, links) };
}

export function imageDetail(image: Image, links: Links): object {
  return {
    ...imageSummary(image, links),
    minRam: image.minRamMiB,
    minDisk: image.minDiskGiB,
    metadata: image.properties,
    created: inSeconds(image.createdAt),
    updated: inSeconds(image.updatedAt),
    ...STATUSES[image.status],
    'OS-EXT-IMG-SIZE:size': image.sizeBytes,
  };
}
