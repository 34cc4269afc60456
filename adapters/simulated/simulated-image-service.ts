import type { Clock } from '../../application/ports/clock.ts';
import type {
  Image,
  ImageAnswer,
  ImageData,
  ImageService,
  ImageUpload,
  ImageUploads,
  NewImage,
} from '../../application/ports/image-service.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { ImageId } from '../../domain/shared/ids.ts';
import { ImageDataError, verifiedImageBytes } from '../images/verified-image-bytes.ts';

const CHUNK_BYTES = 64 * 1024;

/** What happens to one image instead of the plain truth, until `script` is called for it again. */
export type SimulatedImageFault =
  | { readonly fault: 'none' }
  | { readonly fault: 'imageNotFound' }
  | { readonly fault: 'failed'; readonly reason: string }
  /** Every answer, and every chunk of data, takes this long on the clock given. */
  | { readonly fault: 'slow'; readonly milliseconds: number }
  /** The data breaks off after this many bytes. */
  | { readonly fault: 'cut'; readonly afterBytes: number }
  /** One bit of the data is not what it was; only a checksum can tell. */
  | { readonly fault: 'corrupt' };

/** Images in memory, with faults by script: the image service of the simulated cloud. */
export class SimulatedImageService implements ImageService {
  readonly #clock: Clock;
  readonly #images = new Map<ImageId, { readonly image: Image; readonly data: Uint8Array | null }>();
  readonly #faults = new Map<ImageId, SimulatedImageFault>();
  /** Deleted before they were whole; their makers have not given them up yet. */
  readonly #deleted = new Set<ImageId>();
  #outage: string | null = null;
  #openReaders = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get uploads(): ImageUploads {
    return {
      reserve: (image) => this.#attempt(() => this.#reserve(image)),
      upload: (id, upload) => this.#attempt(() => this.#upload(id, upload)),
      discard: (id) => this.#attempt(async () => this.#discard(id)),
      delete: (id) => this.#attempt(async () => this.#delete(id)),
    };
  }

  /** How many reads of data have begun and not ended. */
  get openReaders(): number {
    return this.#openReaders;
  }

  /** Replaces an image of the same id. `data` is null for one that is still queued. */
  put(image: Image, data: Uint8Array | null): void {
    this.#images.set(image.id, { image, data });
  }

  /** Nothing happens when there is none of this id. */
  remove(id: ImageId): void {
    this.#images.delete(id);
  }

  script(id: ImageId, fault: SimulatedImageFault): void {
    this.#faults.set(id, fault);
  }

  /** Everything fails with this reason until null is given. */
  setOutage(reason: string | null): void {
    this.#outage = reason;
  }

  async show(id: ImageId): Promise<ImageAnswer<Image>> {
    const fault = this.#faultOf(id);
    await this.#delay(fault);
    if (this.#outage !== null) return { answer: 'failed', reason: this.#outage };
    if (fault.fault === 'failed') return { answer: 'failed', reason: fault.reason };
    const stored = this.#images.get(id);
    if (stored === undefined || fault.fault === 'imageNotFound') return { answer: 'imageNotFound' };
    return { answer: 'found', value: stored.image };
  }

  async list(): Promise<ImageAnswer<readonly Image[]>> {
    if (this.#outage !== null) return { answer: 'failed', reason: this.#outage };
    const listed = [...this.#images.values()].filter(({ image }) => this.#faultOf(image.id).fault !== 'imageNotFound');
    return { answer: 'found', value: listed.map(({ image }) => image) };
  }

  async fetch(id: ImageId): Promise<ImageAnswer<ImageData>> {
    const shown = await this.show(id);
    if (shown.answer !== 'found') return shown;
    const image = shown.value;
    const data = this.#images.get(id)?.data ?? null;
    if (image.status !== 'active' || data === null)
      return { answer: 'failed', reason: `image ${id} is ${image.status}, so it has no data to read` };
    const checksum = image.sha256 === null ? null : ({ algorithm: 'sha256', hex: image.sha256 } as const);
    const bytes = verifiedImageBytes(this.#read(data, this.#faultOf(id)), image.sizeBytes, checksum);
    return { answer: 'found', value: { sizeBytes: image.sizeBytes, sha256: image.sha256, bytes } };
  }

  async *#read(data: Uint8Array, fault: SimulatedImageFault): AsyncGenerator<Uint8Array> {
    this.#openReaders += 1;
    try {
      const endBytes = fault.fault === 'cut' ? Math.min(fault.afterBytes, data.byteLength) : data.byteLength;
      for (let offset = 0; offset < endBytes; offset += CHUNK_BYTES) {
        await this.#delay(fault);
        // A copy: whoever reads may write into its chunk.
        const chunk = data.slice(offset, Math.min(offset + CHUNK_BYTES, endBytes));
        yield fault.fault === 'corrupt' ? chunk.map((byte, index) => (index === 0 ? byte ^ 1 : byte)) : chunk;
      }
      if (fault.fault === 'cut') throw new ImageDataError(`the connection broke after ${endBytes} bytes`);
    } finally {
      this.#openReaders -= 1;
    }
  }

  async #attempt(change: () => Promise<string | void>): Promise<Outcome<null>> {
    if (this.#outage !== null) return failed(this.#outage);
    const problem = await change();
    return typeof problem === 'string' ? failed(problem) : succeeded(null);
  }

  #discard(id: ImageId): void {
    this.remove(id);
    this.#deleted.delete(id);
  }

  #delete(id: ImageId): void {
    const stored = this.#images.get(id);
    if (stored !== undefined && stored.image.status !== 'active') this.#deleted.add(id);
    this.remove(id);
  }

  async #reserve({ id, name, owner, minDiskGiB, minRamMiB, properties, at }: NewImage): Promise<void> {
    if (this.#images.has(id) || this.#deleted.has(id)) return;
    const described = { id, name, owner, minDiskGiB, minRamMiB, properties, createdAt: at, updatedAt: at };
    const empty = { diskFormat: 'qcow2', containerFormat: 'bare', sizeBytes: 0, sha256: null } as const;
    this.put({ ...described, ...empty, status: 'queued', visibility: 'private', isProtected: false }, null);
  }

  async #upload(id: ImageId, { diskFormat, bytes, at }: ImageUpload): Promise<string | void> {
    const reserved = this.#images.get(id)?.image;
    if (reserved === undefined) return `image ${id} is not there any more`;
    this.put({ ...reserved, diskFormat, status: 'saving' }, null);
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    if (!this.#images.has(id)) return `image ${id} has been deleted`;
    const data = Buffer.concat(chunks);
    this.put({ ...reserved, diskFormat, sizeBytes: data.byteLength, status: 'active', updatedAt: at }, data);
  }

  #faultOf(id: ImageId): SimulatedImageFault {
    return this.#faults.get(id) ?? { fault: 'none' };
  }

  async #delay(fault: SimulatedImageFault): Promise<void> {
    if (fault.fault === 'slow') await this.#clock.sleep(fault.milliseconds);
  }
}
