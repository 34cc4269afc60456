import type { SnapshotImage } from '../domain/instance/boot-images.ts';
import { imageId, type ImageId, type InstanceId } from '../domain/shared/ids.ts';
import { INSTANCE } from './aggregates.ts';
import type { CommandGateway } from './command-gateway.ts';
import type { Answer } from './compute-api-answer.ts';
import type { IdSource } from './ports/id-source.ts';
import type { Image, ImageService } from './ports/image-service.ts';
import type { RequestContext } from './request-context.ts';
import { snapshotImage } from './snapshot-image.ts';
import type { Views } from './views/views.ts';

export type CreateImage = { readonly name: string; readonly metadata: Readonly<Record<string, string>> };

type Dependencies = {
  readonly gateway: CommandGateway;
  readonly views: Views;
  readonly images: ImageService;
  readonly ids: IdSource;
};

/** The server's state is judged before anything is asked of the image service, and once more when it is recorded. */
export async function createImage(
  { gateway, views, images, ids }: Dependencies,
  context: RequestContext,
  id: InstanceId,
  { name, metadata }: CreateImage,
): Promise<Answer<ImageId>> {
  const row = views.servers.find(id);
  if (row === null || row.existence !== 'present') return { accepted: false, refusal: { reason: 'InstanceNotFound' } };
  const plain = { imageId: imageId(ids.uuid()), name, minRamMiB: 0, properties: {} };
  const asked = gateway.asked(context);
  const dry = INSTANCE.decide(row, { type: 'CreateImage', image: plain, ...asked });
  if (!dry.accepted) return dry;
  const { uploads } = images;
  if (uploads === null) return { accepted: false, refusal: { reason: 'ImagesAreReadOnly' } };
  const base = await images.show(row.images.imageId);
  const image = withBase(plain, base.answer === 'found' ? base.value : null, { user_id: context.userId, ...metadata });
  const reserved = await uploads.reserve(snapshotImage(row, image, asked.at));
  if (reserved.outcome !== 'succeeded') {
    return { accepted: false, refusal: { reason: 'ImageServiceFailed', detail: reserved.reason } };
  }
  const answer = await gateway.instance(context, id, { type: 'CreateImage', image, ...asked });
  if (!answer.accepted) await uploads.discard(image.imageId);
  return answer.accepted ? { accepted: true, value: image.imageId } : answer;
}

/** What an image is signed with says nothing of another one's bytes, nor does what it was made of. */
const NOT_INHERITED =
  /^(?:img_signature|os_hash|image_(?:type|location|state)$|instance_uuid$|base_image_ref$|owner_id$)/;

/** What the first image asks of a host, its copy asks too. */
function withBase(plain: SnapshotImage, base: Image | null, own: Readonly<Record<string, string>>): SnapshotImage {
  const inherited = Object.entries(base?.properties ?? {}).filter(([key]) => !NOT_INHERITED.test(key));
  const properties = { ...Object.fromEntries(inherited), ...own };
  return { ...plain, minRamMiB: base?.minRamMiB ?? 0, properties };
}
