import { describe, expect, it } from 'vitest';
import { delay, failBefore, hostDown, losePower, unknownBefore } from '../../adapters/simulated/simulated-faults.ts';
import { HOST_A, HOST_B, IMAGES, LIVE_MIGRATE, SagaWorld } from '../support/saga-world.ts';
import { expectWholeOn, migrationOf, rescuedServer, serverOf, valueOf } from './rescued-server.fixture.ts';

const turn = () => new Promise((resolve) => void setImmediate(resolve));

async function activeServers(count: number) {
  const world = new SagaWorld();
  const process = await world.startProcess();
  await world.registerHosts(process);
  const wanted = { name: 'server', imageId: IMAGES.stock, flavorId: '1', requestedHost: HOST_A, metadata: {} };
  const ids = [];
  for (let made = 0; made < count; made += 1) {
    ids.push(valueOf(await process.computeApi.createServer(world.request(), wanted)).instanceId);
  }
  await world.settled();
  return { world, process, ids };
}

describe('what was answered 202', () => {
  it('is done by the next process when this one is stopped before it began', async () => {
    const server = await rescuedServer();
    const stopping = await server.handOver(null);
    valueOf(await stopping.computeApi.liveMigrate(server.world.request(), server.instanceId, LIVE_MIGRATE));
    stopping.stop();
    await server.world.settled();
    const next = await server.world.startProcess();
    await server.world.settled();
    expect(migrationOf(next, server.instanceId).status).toBe('completed');
    await expectWholeOn(server, HOST_B, next);
  });

  it('can be read at once by who asked', async () => {
    const server = await rescuedServer();
    const { process, instanceId, world } = server;
    valueOf(await process.computeApi.liveMigrate(world.request(), instanceId, LIVE_MIGRATE));
    expect(serverOf(process, instanceId)).toMatchObject({ vmState: 'rescued', task: { task: 'migrate' } });
    expect(migrationOf(process, instanceId).source).toBe(HOST_A);
    await world.settled();
  });

  it('is tried again when the host did not answer, and is not done twice', async () => {
    const { world, process, ids } = await activeServers(1);
    const [id] = ids;
    if (id === undefined) throw new Error('no server');
    for (let attempt = 0; attempt < 3; attempt += 1) world.faults.next(HOST_A, 'stop', unknownBefore());
    valueOf(await process.computeApi.runPowerAction(world.request(), id, 'stop', null));
    await world.settled();
    expect(world.faults.unmet()).toBe(0);
    expect(serverOf(process, id)).toMatchObject({ vmState: 'stopped', task: null });
  });

  it('fails visibly when the host never answers, or says no', async () => {
    const { world, process, ids } = await activeServers(2);
    const [silent, refusing] = ids;
    if (silent === undefined || refusing === undefined) throw new Error('no servers');
    for (let attempt = 0; attempt < 4; attempt += 1) world.faults.next(HOST_A, 'stop', unknownBefore());
    valueOf(await process.computeApi.runPowerAction(world.request(), silent, 'stop', null));
    await world.settled();
    world.faults.next(HOST_A, 'stop', failBefore('no'));
    valueOf(await process.computeApi.runPowerAction(world.request(), refusing, 'stop', null));
    await world.settled();
    expect(world.faults.unmet()).toBe(0);
    expect(serverOf(process, silent)).toMatchObject({ vmState: 'active', task: null });
    expect(serverOf(process, refusing)).toMatchObject({ vmState: 'active', task: null, fault: { reason: 'no' } });
  });
});

describe('a host that is away for some seconds', () => {
  it('is waited for: what it says meanwhile is no answer, and nothing is left half done', async () => {
    const { world, process, ids } = await activeServers(1);
    const [id] = ids;
    if (id === undefined) throw new Error('no server');
    world.faults.next(HOST_A, 'rescue', hostDown(HOST_A));
    world.faults.next(HOST_A, 'rescue', failBefore('cannot be reached'));
    valueOf(await process.computeApi.rescue(world.request(), id, IMAGES.rescue));
    await world.clock.advance(5000);
    expect(world.faults.unmet()).toBe(0);
    world.cloud.hostUp(HOST_A);
    await world.settled();
    expect(serverOf(process, id)).toMatchObject({ vmState: 'rescued', task: null, fault: null });
  });
});

describe('a deletion during a live migration', () => {
  it('aborts it, and then removes the server where it is', async () => {
    const server = await rescuedServer();
    const { world, process, instanceId } = server;
    valueOf(await process.computeApi.liveMigrate(world.request(), instanceId, LIVE_MIGRATE));
    await world.clock.advance(500);
    valueOf(await process.computeApi.deleteServer(world.request(), instanceId));
    await world.settled();
    expect(serverOf(process, instanceId)).toMatchObject({ existence: 'deleted', vmState: 'deleted' });
    expect(migrationOf(process, instanceId).status).toBe('cancelled');
    for (const host of [HOST_A, HOST_B]) {
      expect(world.cloud.guest(host, instanceId)).toBeNull();
      expect(world.cloud.files(host, instanceId)).toBeNull();
    }
    expect(world.cloud.mostRunningCopies(instanceId)).toBe(1);
    expect(process.errors).toEqual([]);
  });
});

describe('several migrations from one host', () => {
  it('run one at a time; the others are queued', async () => {
    const { world, process, ids } = await activeServers(3);
    for (const id of ids) valueOf(await process.computeApi.liveMigrate(world.request(), id, LIVE_MIGRATE));
    const seen = new Set<string>();
    const over = new AbortController();
    void world.settled().then(() => over.abort());
    while (!over.signal.aborted) {
      const statuses = [...process.views.migrations.all()].map(({ status }) => status);
      const busy = statuses.filter((status) => status === 'preparing' || status === 'running');
      expect(busy.length).toBeLessThanOrEqual(1);
      for (const status of statuses) seen.add(status);
      await turn();
    }
    expect([...seen]).toEqual(expect.arrayContaining(['accepted', 'queued', 'running', 'completed']));
    expect([...process.views.migrations.all()].map(({ status }) => status)).toEqual(Array(3).fill('completed'));
  });
});

describe('a host that goes during the transfer', () => {
  it('leaves the server running where it was when it is the destination', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_A, 'migrateGuest:performing', losePower(HOST_B));
    const moving = server.migrate();
    await server.world.clock.advance(200);
    server.world.cloud.hostUp(HOST_B);
    await moving;
    expect(server.world.cloud.runningCopies(server.instanceId)).toEqual([HOST_A]);
    await expectWholeOn(server, HOST_A);
  });

  it('is waited for by an operator when it is the destination and does not come back', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_A, 'migrateGuest:performing', losePower(HOST_B));
    await server.migrate();
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({
      status: 'error',
      saga: { phase: 'needsOperator', stoppedAt: 'migrateGuest' },
    });
    expect(serverOf(server.process, server.instanceId)).toMatchObject({ task: { task: 'migrate' } });
    expect(server.world.cloud.mostRunningCopies(server.instanceId)).toBe(1);
  });

  it('is found again when its answer only came late', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_A, 'migrateGuest', delay(60_000));
    await server.migrate();
    expect(server.world.cloud.mostRunningCopies(server.instanceId)).toBe(1);
    expect(server.world.cloud.runningCopies(server.instanceId)).toEqual([HOST_A]);
    await expectWholeOn(server, HOST_A);
  });
});
