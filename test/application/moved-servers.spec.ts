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
  const { serverChanges } = process.computeApi;
  return {
    world,
    process,
    instanceId,
    row: () => serverOf(process, instanceId),
    states: () => [HOST_A, HOST_B].map((host) => world.cloud.guest(host, instanceId)?.state ?? 'gone'),
    cold: () => [...process.views.migrations.cold.all()].map(({ status }) => status),
    coldMigrate: async () => {
      valueOf(await serverChanges.coldMigrate(world.request(), instanceId, HOST_B));
      await world.settled();
    },
    shelve: async () => {
      valueOf(await serverChanges.shelve(world.request(), instanceId));
      await world.settled();
    },
    afterwards: async (ask: 'confirmResize' | 'revertResize') => {
      valueOf(await serverChanges[ask](world.request(), instanceId));
      await world.settled();
    },
  };
}

describe('a cold migration', () => {
  it('waits on the other host, and its confirmation takes the copy away', async () => {
    const { row, states, cold, coldMigrate, afterwards } = await activeServer();
    await coldMigrate();
    expect(row()).toMatchObject({ vmState: 'resized', host: HOST_B, task: null });
    expect([states(), cold()]).toEqual([['shutdown', 'running'], ['finished']]);
    await afterwards('confirmResize');
    expect(row()).toMatchObject({ vmState: 'active', host: HOST_B, task: null, resize: null });
    expect([states(), cold()]).toEqual([['gone', 'running'], ['confirmed']]);
  });

  it('that is reverted gives the server back where it was, and leaves nothing behind', async () => {
    const { row, states, cold, coldMigrate, afterwards } = await activeServer();
    await coldMigrate();
    await afterwards('revertResize');
    expect(row()).toMatchObject({ vmState: 'active', host: HOST_A, task: null, resize: null });
    expect([states(), cold()]).toEqual([['running', 'gone'], ['reverted']]);
  });

  it('whose answer is lost is asked for again, and moves the server once', async () => {
    const { world, row, states, coldMigrate } = await activeServer();
    world.faults.next(HOST_A, 'coldMigrate', unknownAfter());
    await coldMigrate();
    expect([row().vmState, world.faults.unmet(), states()]).toEqual(['resized', 0, ['shutdown', 'running']]);
  });

  it('that fails leaves the server in error on its host', async () => {
    const { world, row, cold, coldMigrate } = await activeServer();
    world.faults.next(HOST_A, 'coldMigrate', failBefore('no space left'));
    await coldMigrate();
    expect(row()).toMatchObject({ vmState: 'error', host: HOST_A, fault: { reason: 'no space left' } });
    expect(cold()).toEqual(['error']);
  });

  it('is forgotten on both hosts with the server', async () => {
    const { world, process, instanceId, row, states, coldMigrate } = await activeServer();
    await coldMigrate();
    valueOf(await process.computeApi.deleteServer(world.request(), instanceId));
    await world.settled();
    expect([row().vmState, states()]).toEqual(['deleted', ['gone', 'gone']]);
  });
});

describe('a shelved server', () => {
  it('is on no host, stands as an image, and comes back on another host without it', async () => {
    const { world, process, instanceId, row, states, shelve } = await activeServer();
    await shelve();
    const imageId = row().shelved?.imageId ?? IMAGES.stock;
    expect(row()).toMatchObject({
      vmState: 'shelved_offloaded',
      host: null,
      task: null,
      shelved: { name: 's-shelved' },
    });
    expect(states()).toEqual(['gone', 'gone']);
    expect(await world.images.show(imageId)).toMatchObject({ answer: 'found', value: { visibility: 'private' } });
    valueOf(await process.computeApi.serverChanges.unshelve(world.request(), instanceId, HOST_B));
    await world.settled();
    expect(row()).toMatchObject({ vmState: 'active', host: HOST_B, task: null, shelved: null });
    expect(states()).toEqual(['gone', 'running']);
    expect(await world.images.show(imageId)).toEqual({ answer: 'imageNotFound' });
  });

  it('stays shelved when no host takes it', async () => {
    const { world, process, instanceId, row, shelve } = await activeServer();
    await shelve();
    valueOf(await process.computeApi.serverChanges.unshelve(world.request(), instanceId, null));
    await world.settled();
    expect(row()).toMatchObject({ vmState: 'shelved_offloaded', task: null, host: null });
    const actions = process.views.instanceActions.ofInstance(instanceId);
    expect(actions.at(-1)).toMatchObject({ action: 'unshelve', message: 'Error' });
  });

  it('takes its image along when it is deleted', async () => {
    const { world, process, instanceId, row, shelve } = await activeServer();
    await shelve();
    const imageId = row().shelved?.imageId ?? IMAGES.stock;
    valueOf(await process.computeApi.deleteServer(world.request(), instanceId));
    await world.settled();
    expect([row().vmState, await world.images.show(imageId)]).toEqual(['deleted', { answer: 'imageNotFound' }]);
  });
});
