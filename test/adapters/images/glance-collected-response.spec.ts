import { buffer } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GlanceImageService } from '../../../adapters/images/glance-image-service.ts';
import { GLANCE_LIMITS } from '../../../adapters/images/glance-connection.ts';
import { imageId } from '../../../domain/shared/ids.ts';
import { GlanceProtocolServer } from '../../support/glance-protocol-server.ts';
import { rawImage, sampleImage } from '../../support/sample-images.ts';

const ID = imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000002');
const data = rawImage(500_000);

let server: GlanceProtocolServer;
beforeEach(async () => {
  server = await GlanceProtocolServer.start();
  server.put(sampleImage(data, { id: ID }), data);
});
afterEach(() => server.stop());

/** The garbage collector's finalizers run between two turns of the event loop. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this Node has no gc');
  for (let times = 0; times < 10; times += 1) {
    collect();
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

it('reads all of an image whose first byte is wanted only after the garbage collector has been there', async () => {
  const service = new GlanceImageService({
    endpoint: server.endpoint,
    token: async () => server.token,
    limits: GLANCE_LIMITS,
    report: () => undefined,
  });
  const fetched = await service.fetch(ID);
  if (fetched.answer !== 'found') throw new Error(`not fetched: ${JSON.stringify(fetched)}`);
  await collectGarbage();
  expect((await buffer(fetched.value.bytes)).equals(data)).toBe(true);
});
