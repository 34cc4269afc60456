import { describe, expect, it } from 'vitest';
import { failBefore, unknownAfter } from '../../adapters/simulated/simulated-faults.ts';
import { HOST_A, HOST_B, IMAGES, SagaWorld } from '../support/saga-world.ts';
import { serverOf, valueOf } from './rescued-server.fixture.ts';

async function activeServer() {
  const world = new SagaWorld([HOST_A, HOST_B]);
  const process = await world.startProcess();
  await world.registerHosts(process);
  const wanted = { name: 's', imageId: IMAGES.stock, flavorId: '1', requestedHost: HOST_A, metadata: {} };
  const { instanceId } = valueOf(await process.computeApi.createServer(world.request(), wanted));
  await world.settled();
  const copy = { name: 'copy', metadata: { purpose: 'backup' } };
  return {
    world,
    process,
    instanceId,
    row: () => serverOf(process, instanceId),
    ask: () => process.computeApi.serverChanges.createImage(world.request(), instanceId, copy),
    createImage: async () => {
      const id = valueOf(await process.computeApi.serverChanges.createImage(world.request(), instanceId, copy));
      await world.settled();
      return world.images.show(id);
    },
  };
}

describe('an image of a server', () => {
  it('is whole when the server is free again, which has not noticed', async () => {
    const { world, instanceId, row, createImage } = await activeServer();
    const before = world.cloud.guest(HOST_A, instanceId);
    expect(await createImage()).toMatchObject({
      answer: 'found',
      value: { name: 'copy', status: 'active', visibility: 'private', properties: { purpose: 'backup' } },
    });
    expect(row()).toMatchObject({ vmState: 'active', task: null, fault: null });
    expect(world.cloud.guest(HOST_A, instanceId)?.bootId).toBe(before?.bootId);
  });

  it('whose answer is lost is asked for again', async () => {
    const { world, row, createImage } = await activeServer();
    world.faults.next(HOST_A, 'snapshot', unknownAfter());
    expect(await createImage()).toMatchObject({ answer: 'found', value: { status: 'active' } });
    expect([world.faults.unmet(), row().task]).toEqual([0, null]);
  });

  it('that fails is gone, and leaves the server as it was', async () => {
    const { world, row, createImage } = await activeServer();
    world.faults.next(HOST_A, 'snapshot', failBefore('no space left'));
    expect(await createImage()).toEqual({ answer: 'imageNotFound' });
    expect(row()).toMatchObject({ vmState: 'active', task: null });
  });

  it('that is refused when it is to be recorded is not kept', async () => {
    const { world, row, ask } = await activeServer();
    const [first, second] = await Promise.all([ask(), ask()]);
    expect([first, second].filter(({ accepted }) => accepted)).toHaveLength(1);
    await world.settled();
    const listed = await world.images.list();
    const copies = listed.answer === 'found' ? listed.value.filter(({ name }) => name === 'copy') : [];
    expect(copies.map(({ status }) => status)).toEqual(['active']);
    expect(row().task).toBe(null);
  });
});
