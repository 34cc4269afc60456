import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { INSPECTED_HEADER_BYTES } from '../../../adapters/images/image-format-inspection.ts';
import { inspectedImageData, UnsafeImageError } from '../../../adapters/images/inspected-image-data.ts';
import type { ImageData } from '../../../application/ports/image-service.ts';
import { isoImage, qcow2Image, rawImage, vmdkDescriptor } from '../../support/sample-images.ts';

describe('data that is inspected on its way', () => {
  it.each([1, 500, INSPECTED_HEADER_BYTES, 200_000])('hands on the same bytes in chunks of %d', async (chunkBytes) => {
    const data = rawImage(150_000);
    const read = await readAll(inspectedImageData('raw', inChunks(data, chunkBytes).data));
    expect(read.equals(data)).toBe(true);
  });

  it('hands on an image shorter than the inspected header', async () => {
    expect(await readAll(inspectedImageData('qcow2', inChunks(qcow2Image(), 700).data))).toEqual(qcow2Image());
  });

  it.each([1, 300, 100_000])('hands on no byte of an unsafe image that comes in chunks of %d', async (chunkBytes) => {
    const iso = isoImage();
    const source = inChunks(Buffer.concat([iso, Buffer.alloc(100_000)]), chunkBytes);
    const handedOn: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of inspectedImageData('raw', source.data).bytes) handedOn.push(chunk);
    })();
    await expect(reading).rejects.toThrow(UnsafeImageError);
    expect(handedOn).toEqual([]);
    expect(source.released()).toBe(true);
  });

  it('says why', async () => {
    const reading = readAll(inspectedImageData('raw', inChunks(vmdkDescriptor('/etc/shadow'), 10).data));
    await expect(reading).rejects.toMatchObject({ reason: 'is declared raw but its content is also vmdk' });
  });

  it('refuses data that ends before it was inspected', async () => {
    const { data } = inChunks(rawImage(100), 50);
    await expect(readAll(inspectedImageData('raw', { ...data, sizeBytes: 200 }))).rejects.toThrow(UnsafeImageError);
  });

  it('releases the source when its reader stops early', async () => {
    const source = inChunks(rawImage(150_000), 1000);
    for await (const chunk of inspectedImageData('raw', source.data).bytes) {
      expect(chunk.byteLength).toBe(1000);
      break;
    }
    expect(source.released()).toBe(true);
  });
});

function inChunks(content: Buffer, chunkBytes: number): { data: ImageData; released: () => boolean } {
  let released = false;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for (let offset = 0; offset < content.byteLength; offset += chunkBytes)
        yield content.subarray(offset, offset + chunkBytes);
    } finally {
      released = true;
    }
  }
  return { data: { sizeBytes: content.byteLength, sha256: null, bytes: bytes() }, released: () => released };
}

async function readAll(data: ImageData): Promise<Buffer> {
  return buffer(data.bytes);
}
