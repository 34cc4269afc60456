import { describe, expect, it } from 'vitest';
import { failBefore } from '../../adapters/simulated/simulated-faults.ts';
import { INSTANCE, instanceStream } from '../../application/aggregates.ts';
import { handleCommand } from '../../application/handle-command.ts';
import { HOST_A, IMAGES, SagaWorld } from '../support/saga-world.ts';
import { serverOf, valueOf } from './rescued-server.fixture.ts';

async function activeServer() {
  const world = new SagaWorld([HOST_A]);
  const process = await world.startProcess();
  await world.registerHosts(process);
  const wanted = { name: 's', imageId: IMAGES.stock, flavorId: '1', requestedHost: null, metadata: {} };
  const { instanceId } = valueOf(await process.computeApi.createServer(world.request(), wanted));
  await world.settled();
  return { world, process, instanceId, row: () => serverOf(process, instanceId) };
}

const METADATA = { correlationId: 'req-test', causationId: 'req-test', actor: 'test' };
function asked(world: SagaWorld) {
  const { requestId, userId, projectId } = world.request();
  return { initiator: { requestId, userId, projectId }, callerIsAdmin: true, at: world.clock.now() };
}
const NOTHING_ELSE = { name: null, details: {}, metadata: null };

describe('rebuild', () => {
  it('boots a new disk of the new image, and leaves a stopped server stopped', async () => {
    const { world, process, instanceId, row } = await activeServer();
    const before = world.cloud.guest(HOST_A, instanceId)?.bootId;
    const rebuild = { imageId: IMAGES.rescue, ...NOTHING_ELSE };
    valueOf(await process.computeApi.serverChanges.rebuild(world.request(), instanceId, rebuild));
    await world.settled();
    expect(row()).toMatchObject({ vmState: 'active', task: null, images: { imageId: IMAGES.rescue } });
    const rebuilt = world.cloud.guest(HOST_A, instanceId);
    expect([rebuilt?.state, rebuilt?.bootId === before]).toEqual(['running', false]);
    valueOf(await process.computeApi.runPowerAction(world.request(), instanceId, 'stop', null));
    await world.settled();
    valueOf(await process.computeApi.serverChanges.rebuild(world.request(), instanceId, rebuild));
    await world.settled();
    expect([row().vmState, world.cloud.guest(HOST_A, instanceId)?.state]).toEqual(['stopped', 'shutdown']);
  });

  it('that fails leaves the server in error, from which it can be rebuilt', async () => {
    const { world, process, instanceId, row } = await activeServer();
    const rebuild = { imageId: IMAGES.stock, ...NOTHING_ELSE };
    world.faults.next(HOST_A, 'spawn', failBefore('no space left'));
    valueOf(await process.computeApi.serverChanges.rebuild(world.request(), instanceId, rebuild));
    await world.settled();
    expect(row()).toMatchObject({ vmState: 'error', task: null, fault: { reason: 'no space left' } });
    valueOf(await process.computeApi.serverChanges.rebuild(world.request(), instanceId, rebuild));
    await world.settled();
    expect(row()).toMatchObject({ vmState: 'active', fault: null });
  });
});

describe('resize', () => {
  it('gives the guest the other flavor, and the first one back', async () => {
    const { world, process, instanceId, row } = await activeServer();
    const larger = { name: 'larger', vcpus: 2, ramMiB: 1024, diskGiB: row().flavor.diskGiB + 1 };
    const told = { type: 'Resize', flavor: { id: 'larger', ...larger }, details: {}, ...asked(world) } as const;
    expect(
      await handleCommand(process.dependencies, INSTANCE, instanceStream(instanceId), told, METADATA),
    ).toMatchObject({
      accepted: true,
    });
    await world.settled();
    expect(row()).toMatchObject({ vmState: 'resized', flavor: { ...larger, id: 'larger' } });
    expect(world.cloud.guest(HOST_A, instanceId)).toMatchObject({
      state: 'running',
      definition: { memoryMiB: 1024, vcpus: 2 },
    });
    valueOf(await process.computeApi.serverChanges.revertResize(world.request(), instanceId));
    await world.settled();
    expect(row()).toMatchObject({ vmState: 'active', flavor: { id: '1' } });
    expect(world.cloud.guest(HOST_A, instanceId)?.definition.memoryMiB).toBe(row().flavor.ramMiB);
  });
});

describe('suspend', () => {
  it('keeps the guest’s memory until it is resumed', async () => {
    const { world, process, instanceId, row } = await activeServer();
    const { bootId } = world.cloud.guest(HOST_A, instanceId) ?? {};
    const act = async (action: 'suspend' | 'resume') => {
      valueOf(await process.computeApi.runPowerAction(world.request(), instanceId, action, null));
      await world.settled();
      return [row().vmState, world.cloud.guest(HOST_A, instanceId)?.state];
    };
    expect(await act('suspend')).toEqual(['suspended', 'shutdown']);
    expect(await act('resume')).toEqual(['active', 'running']);
    expect(world.cloud.guest(HOST_A, instanceId)?.bootId).toBe(bootId);
  });
});
