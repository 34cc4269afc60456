import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { SimulatedImageService } from '../../../adapters/simulated/simulated-image-service.ts';
import { imageId, instant } from '../../../domain/shared/ids.ts';
import { rawImage, sampleImage } from '../../support/sample-images.ts';

const FIRST = imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000001');
const SECOND = imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000002');
const data = rawImage(200_000);

function started(): { service: SimulatedImageService; slept: number[] } {
  const slept: number[] = [];
  const service = new SimulatedImageService({
    now: () => instant('2026-01-01T00:00:00.000Z'),
    sleep: async (milliseconds) => void slept.push(milliseconds),
  });
  service.put(sampleImage(data, { id: FIRST }), data);
  service.put(sampleImage(data, { id: SECOND }), data);
  return { service, slept };
}

it('says of one image that it is not there, and forgets the script when told', async () => {
  const { service } = started();
  service.script(FIRST, { fault: 'imageNotFound' });
  expect(await service.fetch(FIRST)).toEqual({ answer: 'imageNotFound' });
  expect(await service.list()).toMatchObject({ value: [{ id: SECOND }] });
  service.script(FIRST, { fault: 'none' });
  expect(await service.show(FIRST)).toMatchObject({ answer: 'found' });
});

it('fails for one image with the reason scripted', async () => {
  const { service } = started();
  service.script(FIRST, { fault: 'failed', reason: 'the backend is read only' });
  expect(await service.fetch(FIRST)).toEqual({ answer: 'failed', reason: 'the backend is read only' });
  expect((await service.fetch(SECOND)).answer).toBe('found');
});

it('is slow on the clock given, for the answer and for every chunk', async () => {
  const { service, slept } = started();
  service.script(FIRST, { fault: 'slow', milliseconds: 250 });
  const fetched = await service.fetch(FIRST);
  expect(slept).toEqual([250]);
  if (fetched.answer !== 'found') throw new Error(JSON.stringify(fetched));
  for await (const chunk of fetched.value.bytes) expect(chunk.byteLength).toBeGreaterThan(0);
  expect(slept).toEqual([250, 250, 250, 250, 250]);
});

it('breaks off at the byte scripted, even at the very end', async () => {
  const { service } = started();
  for (const afterBytes of [0, 70_000, data.byteLength]) {
    service.script(FIRST, { fault: 'cut', afterBytes });
    const fetched = await service.fetch(FIRST);
    if (fetched.answer !== 'found') throw new Error(JSON.stringify(fetched));
    await expect(buffer(fetched.value.bytes)).rejects.toThrow(`broke after ${afterBytes} bytes`);
  }
});
