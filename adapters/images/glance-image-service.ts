import type { Image, ImageAnswer, ImageData, ImageService } from '../../application/ports/image-service.ts';
import type { ImageId } from '../../domain/shared/ids.ts';
import { errorReason } from './error-reason.ts';
import { getFromGlance, glanceEndpointSchema, type GlanceLimits, type OpenedBody } from './glance-connection.ts';
import { parseGlanceImage, parseGlancePage, type GlanceImage } from './glance-image-schema.ts';
import { isImageUuid } from './image-uuid.ts';
import { ImageDataError, verifiedImageBytes } from './verified-image-bytes.ts';

const PAGES_MAX = 200;
const IMAGES_MAX = 10_000;
const PAGE_IMAGES = 100;

export type GlanceImageServiceOptions = {
  /** `http://` or `https://`, with a path prefix where the catalog has one, without `/v2`. Throws when it is not. */
  readonly endpoint: string;
  /** Asked before every request; whoever gives it keeps it fresh. */
  readonly token: () => Promise<string>;
  readonly limits: GlanceLimits;
  /** Told about every image that `list` leaves out, one line each. */
  readonly report: (problem: string) => void;
};

/** OpenStack's Image API v2. */
export class GlanceImageService implements ImageService {
  /** Its service user may read only. */
  readonly uploads = null;
  readonly #options: GlanceImageServiceOptions;
  readonly #images: string;

  constructor(options: GlanceImageServiceOptions) {
    this.#options = options;
    this.#images = `${glanceEndpointSchema.parse(options.endpoint)}/v2/images`;
  }

  async show(id: ImageId): Promise<ImageAnswer<Image>> {
    const answer = await this.#describe(id);
    return answer.answer === 'found' ? { answer: 'found', value: answer.value.image } : answer;
  }

  /** All pages. An image in a format this program does not know is reported and left out. */
  async list(): Promise<ImageAnswer<readonly Image[]>> {
    const images: Image[] = [];
    let query = `?limit=${PAGE_IMAGES}`;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const json = await this.#getJson(`${this.#images}${query}`);
      // A collection that is not there is a wrong endpoint, never an empty list.
      if (json.answer === 'imageNotFound')
        return failed('Glance answered 404 to a list of images; check that the endpoint is an Image API v2');
      if (json.answer === 'failed') return json;
      const parsed = parseGlancePage(json.value);
      if (parsed === null) return failed('Glance answered with something that is no list of images');
      this.#collect(parsed.images, images);
      if (images.length > IMAGES_MAX)
        return failed(`Glance lists more than ${IMAGES_MAX} images, which is more than fits`);
      if (parsed.next === null) return { answer: 'found', value: images };
      // Only the query of the link is used: the token must not follow a link to another host.
      query = URL.parse(parsed.next, 'http://glance.invalid')?.search ?? '';
      if (query === '') return failed('Glance answered with a "next" link that leads nowhere');
    }
    return failed(`Glance's list of images has more than ${PAGES_MAX} pages; its "next" links may go in a circle`);
  }

  async fetch(id: ImageId): Promise<ImageAnswer<ImageData>> {
    const described = await this.#describe(id);
    if (described.answer !== 'found') return described;
    const { image, checksum } = described.value;
    if (image.status !== 'active') return failed(`image ${id} is ${image.status}, so it has no data to read`);
    const opened = await this.#get(`${this.#images}/${id}/file`);
    if (opened.answer !== 'opened') return opened;
    if (opened.status === 204 || opened.read === null) {
      opened.close('not needed');
      return failed(`Glance has no data for image ${id} (204), though it says active; upload it again`);
    }
    if (opened.contentBytes !== null && opened.contentBytes !== image.sizeBytes) {
      opened.close('not needed');
      return failed(
        `Glance offers ${opened.contentBytes} bytes for image ${id}, but describes it with ${image.sizeBytes}`,
      );
    }
    const bytes = verifiedImageBytes(
      readSoon(opened.read, opened.close, this.#options.limits),
      image.sizeBytes,
      checksum,
    );
    return { answer: 'found', value: { sizeBytes: image.sizeBytes, sha256: image.sha256, bytes } };
  }

  async #describe(id: ImageId): Promise<ImageAnswer<GlanceImage>> {
    if (!isImageUuid(id)) return { answer: 'imageNotFound' };
    const json = await this.#getJson(`${this.#images}/${id}`);
    if (json.answer !== 'found') return json;
    const result = parseGlanceImage(json.value);
    if (!result.parsed) return failed(`Glance describes image ${id} in a way that cannot be used: ${result.reason}`);
    if (result.value.image.id !== id) return failed(`Glance answered with another image than ${id}`);
    return { answer: 'found', value: result.value };
  }

  #collect(page: readonly unknown[], images: Image[]): void {
    for (const json of page) {
      const result = parseGlanceImage(json);
      if (result.parsed) images.push(result.value.image);
      else this.#options.report(`an image of Glance is left out of the list: ${result.reason}`);
    }
  }

  async #getJson(url: string): Promise<ImageAnswer<unknown>> {
    const opened = await this.#get(url);
    if (opened.answer !== 'opened') return opened;
    try {
      return { answer: 'found', value: JSON.parse(await readText(opened, this.#options.limits)) };
    } catch (error) {
      return failed(`Glance's answer cannot be read: ${errorReason(error)}`);
    }
  }

  #get(url: string): ReturnType<typeof getFromGlance> {
    return getFromGlance(url, this.#options.token, this.#options.limits);
  }
}

async function readText(opened: OpenedBody, limits: GlanceLimits): Promise<string> {
  const chunks: Uint8Array[] = [];
  let seenBytes = 0;
  for await (const chunk of opened.read?.(limits.jsonMilliseconds) ?? []) {
    chunks.push(chunk);
    seenBytes += chunk.byteLength;
    if (seenBytes > limits.jsonBytesMax) throw new ImageDataError(`it is larger than ${limits.jsonBytesMax} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Data that nobody begins to read would keep its connection for ever. */
function readSoon(
  read: NonNullable<OpenedBody['read']>,
  close: OpenedBody['close'],
  limits: GlanceLimits,
): AsyncIterable<Uint8Array> {
  const unread = setTimeout(() => close('nobody began to read the image data in time'), limits.idleMilliseconds);
  unread.unref();
  return (async function* readFromNow(): AsyncGenerator<Uint8Array> {
    clearTimeout(unread);
    yield* read(limits.dataMilliseconds);
  })();
}

function failed(reason: string): { readonly answer: 'failed'; readonly reason: string } {
  return { answer: 'failed', reason };
}
