import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Image, ImageAnswer, ImageService } from '../../application/ports/image-service.ts';
import { imageId, instant } from '../../domain/shared/ids.ts';
import { rawImage, sampleImage } from '../support/sample-images.ts';

/** What a contract needs of an implementation beyond the port: a way to fill it and to break it. */
export type ImageServiceUnderTest = {
  readonly service: ImageService;
  /** `data` is null for an image that is still queued. */
  put(image: Image, data: Buffer | null): Promise<void>;
  /** From now on the stored data breaks off or is not what was recorded. */
  spoil(image: Image, how: 'cut' | 'wrongHash'): Promise<void>;
  /** Nothing works any more, as with a server or a directory that is gone. */
  breakDown(): Promise<void>;
  /** Resolves to the number of things still held open for readers, once that number has settled. */
  heldOpen(): Promise<number>;
  close(): Promise<void>;
};

const FIRST = imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000001');
const SECOND = imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000002');
const THIRD = imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000003');
const ABSENT = imageId('5b1b5a70-4d0c-4a5e-8b1f-00000000ffff');

const data = rawImage(700_001);
const image = sampleImage(data, { id: FIRST });

/** `uploads`: images can be made in it too. */
export function imageServiceContract(
  name: string,
  start: () => Promise<ImageServiceUnderTest>,
  { uploads }: { readonly uploads: boolean },
): void {
  describe(`image service contract: ${name}`, () => {
    let subject: ImageServiceUnderTest;
    beforeEach(async () => {
      subject = await start();
    });
    afterEach(() => subject.close());

    describingImages(() => subject);
    readingData(() => subject);
    if (uploads) storingData(() => subject);
  });
}

function describingImages(subject: () => ImageServiceUnderTest): void {
  it('shows an image with all that is known of it', async () => {
    await subject().put(image, data);
    expect(await subject().service.show(FIRST)).toEqual({ answer: 'found', value: image });
  });

  it('shows an image without data as queued and gives none', async () => {
    const queued = sampleImage(Buffer.alloc(0), { id: FIRST, status: 'queued', sizeBytes: 0, sha256: null });
    await subject().put(queued, null);
    expect(found(await subject().service.show(FIRST)).status).toBe('queued');
    expect(await subject().service.fetch(FIRST)).toMatchObject({
      answer: 'failed',
      reason: expect.stringContaining('queued'),
    });
  });

  it('lists every image', async () => {
    const images = [
      image,
      sampleImage(data, { id: SECOND, diskFormat: 'aki', containerFormat: 'aki' }),
      sampleImage(data, { id: THIRD }),
    ];
    for (const one of images) await subject().put(one, data);
    const listed = found(await subject().service.list());
    expect(listed.toSorted((one, other) => one.id.localeCompare(other.id))).toEqual(images);
  });

  it('lists nothing when there is nothing', async () => {
    expect(await subject().service.list()).toEqual({ answer: 'found', value: [] });
  });

  it.each([ABSENT, imageId('../../../etc/passwd'), imageId(''), imageId(`${FIRST}/file`), imageId('..')])(
    'finds no image %j',
    async (id) => {
      await subject().put(image, data);
      expect(await subject().service.show(id)).toEqual({ answer: 'imageNotFound' });
      expect(await subject().service.fetch(id)).toEqual({ answer: 'imageNotFound' });
    },
  );

  it('never says "not found" when it is broken', async () => {
    await subject().put(image, data);
    await subject().breakDown();
    for (const id of [FIRST, ABSENT]) {
      expect(await subject().service.show(id)).toMatchObject({ answer: 'failed' });
      expect(await subject().service.fetch(id)).toMatchObject({ answer: 'failed' });
    }
    expect(await subject().service.list()).toMatchObject({ answer: 'failed' });
  });
}

function readingData(subject: () => ImageServiceUnderTest): void {
  it('gives exactly the bytes stored, and holds nothing afterwards', async () => {
    await subject().put(image, data);
    const opened = found(await subject().service.fetch(FIRST));
    expect(opened.sizeBytes).toBe(data.byteLength);
    const read = await readAll(opened.bytes);
    expect(Buffer.concat(read.chunks).equals(data)).toBe(true);
    expect(read.thrown).toBeNull();
    expect(await subject().heldOpen()).toBe(0);
  });

  it('lets go of what it opened when the reader stops early', async () => {
    await subject().put(image, data);
    for await (const chunk of found(await subject().service.fetch(FIRST)).bytes) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    expect(await subject().heldOpen()).toBe(0);
  });

  it('throws when the data breaks off', async () => {
    await subject().put(image, data);
    await subject().spoil(image, 'cut');
    const answer = await subject().service.fetch(FIRST);
    // Whoever can see the break beforehand says so beforehand.
    if (answer.answer === 'failed') return;
    const read = await readAll(found(answer).bytes);
    expect(read.thrown).toBeInstanceOf(Error);
    expect(Buffer.concat(read.chunks).byteLength).toBeLessThan(data.byteLength);
    expect(await subject().heldOpen()).toBe(0);
  });

  it('throws when the data has another hash than recorded', async () => {
    await subject().put(image, data);
    await subject().spoil(image, 'wrongHash');
    const read = await readAll(found(await subject().service.fetch(FIRST)).bytes);
    expect(read.thrown).toMatchObject({ message: expect.stringContaining('sha256') });
    expect(await subject().heldOpen()).toBe(0);
  });

  it('gives no data of a deactivated image', async () => {
    await subject().put(sampleImage(data, { id: FIRST, status: 'deactivated' }), data);
    expect(await subject().service.fetch(FIRST)).toMatchObject({
      answer: 'failed',
      reason: expect.stringContaining('deactivated'),
    });
  });
}

function found<Value>(answer: ImageAnswer<Value>): Value {
  if (answer.answer !== 'found') throw new Error(`expected to find it, got ${JSON.stringify(answer)}`);
  return answer.value;
}

async function readAll(bytes: AsyncIterable<Uint8Array>): Promise<{ chunks: readonly Uint8Array[]; thrown: unknown }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of bytes) chunks.push(chunk);
    return { chunks, thrown: null };
  } catch (error) {
    return { chunks, thrown: error };
  }
}

function storingData(open: () => ImageServiceUnderTest): void {
  const at = instant('2026-11-23T16:30:00.000Z');
  const reserved = {
    id: THIRD,
    name: 'copy',
    owner: 'somebody',
    minDiskGiB: 1,
    minRamMiB: 64,
    properties: { image_type: 'snapshot' },
    at,
  };
  const uploads = () => {
    const { service } = open();
    if (service.uploads === null) throw new Error('images can only be read here');
    return service.uploads;
  };
  const shown = async () => {
    const answer = await open().service.show(THIRD);
    return answer.answer === 'found' ? answer.value : answer.answer;
  };
  const SUCCEEDED = { outcome: 'succeeded', value: null };
  async function* inPieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < content.length; start += 100_000) yield content.subarray(start, start + 100_000);
  }

  it('reserves an image, which is queued and private until its data has come', async () => {
    expect(await uploads().reserve(reserved)).toEqual(SUCCEEDED);
    expect(await uploads().reserve({ ...reserved, name: 'another' })).toEqual(SUCCEEDED);
    const { at: createdAt, ...told } = reserved;
    expect(await shown()).toMatchObject({ ...told, createdAt, status: 'queued', visibility: 'private' });
    expect((await open().service.fetch(THIRD)).answer).toBe('failed');
    const holes = Buffer.concat([data, Buffer.alloc(300_000), data.subarray(0, 5), Buffer.alloc(200_000)]);
    for (const content of [data, holes]) {
      const sizeBytes = content.byteLength;
      const upload = { diskFormat: 'raw', sizeBytes, bytes: inPieces(content), at } as const;
      expect(await uploads().upload(THIRD, upload)).toEqual(SUCCEEDED);
      expect(await shown()).toMatchObject({ ...told, status: 'active', diskFormat: 'raw', sizeBytes });
      const opened = await open().service.fetch(THIRD);
      if (opened.answer !== 'found') throw new Error('the image has no data');
      const chunks: Uint8Array[] = [];
      for await (const chunk of opened.value.bytes) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(content)).toBe(true);
    }
    expect(await open().heldOpen()).toBe(0);
  });

  it('takes an image away, and one that is not there too', async () => {
    await uploads().reserve(reserved);
    expect(await uploads().discard(THIRD)).toEqual(SUCCEEDED);
    expect(await uploads().discard(THIRD)).toEqual(SUCCEEDED);
    expect(await shown()).toBe('imageNotFound');
  });

  it('deletes an image for good, and one that is not there too', async () => {
    await uploads().reserve(reserved);
    const bytes = inPieces(data);
    await uploads().upload(THIRD, { diskFormat: 'raw', sizeBytes: data.byteLength, bytes, at });
    expect(await uploads().delete(THIRD)).toEqual(SUCCEEDED);
    expect(await uploads().delete(THIRD)).toEqual(SUCCEEDED);
    expect(await shown()).toBe('imageNotFound');
    expect(await open().service.list()).toEqual({ answer: 'found', value: [] });
  });

  it('brings no image back that was deleted before its maker began, or while it stored', async () => {
    await uploads().reserve(reserved);
    expect(await uploads().delete(THIRD)).toEqual(SUCCEEDED);
    expect(await uploads().reserve(reserved)).toEqual(SUCCEEDED);
    const upload = { diskFormat: 'raw', sizeBytes: data.byteLength, at } as const;
    expect((await uploads().upload(THIRD, { ...upload, bytes: inPieces(data) })).outcome).toBe('failed');
    expect(await shown()).toBe('imageNotFound');
    // Given up by its maker, it could be made anew.
    expect(await uploads().discard(THIRD)).toEqual(SUCCEEDED);
    await uploads().reserve(reserved);
    async function* deletedMeanwhile() {
      yield* inPieces(data);
      expect(await shown()).toMatchObject({ status: 'saving' });
      expect(await uploads().delete(THIRD)).toEqual(SUCCEEDED);
    }
    expect((await uploads().upload(THIRD, { ...upload, bytes: deletedMeanwhile() })).outcome).toBe('failed');
    expect(await shown()).toBe('imageNotFound');
    expect(await open().heldOpen()).toBe(0);
  });

  it('protects what was put there from deletion, and not what was made', async () => {
    await uploads().reserve(reserved);
    expect(await shown()).toMatchObject({ isProtected: false });
    await open().put(image, data);
    expect(found(await open().service.show(FIRST)).isProtected ?? true).toBe(true);
  });

  it('says so when it cannot', async () => {
    await open().breakDown();
    expect((await uploads().reserve(reserved)).outcome).toBe('failed');
  });
}
