import { describe, expect, it } from 'vitest';
import { ComputeHosts } from '../../application/compute-hosts.ts';
import { PowerStateSynchroniser } from '../../application/power-state-synchroniser.ts';
import { RESCUE_POLL_MS, RescueTimeout } from '../../application/rescue-timeout.ts';
import { powerStateOf } from '../../domain/instance/power-state.ts';
import { delay } from '../../adapters/simulated/simulated-faults.ts';
import { HOST_A, HOST_B, LIVE_MIGRATE, type WorldProcess } from '../support/saga-world.ts';
import {
  expectWholeOn,
  migrationOf,
  rescuedServer,
  serverOf,
  valueOf,
  type RescuedServer,
} from './rescued-server.fixture.ts';

const INTERVAL_MS = 60_000;
const HOUR_MS = 3_600_000;

const synchroniser = ({ dependencies, computeApi }: WorldProcess) =>
  new PowerStateSynchroniser({ ...dependencies, computeApi, intervalMs: INTERVAL_MS });

async function look(server: RescuedServer): Promise<void> {
  await synchroniser(server.process).synchronise(new AbortController().signal);
  await server.world.settled();
}

function switchOff({ world, instanceId }: RescuedServer): void {
  const guest = world.cloud.guest(HOST_A, instanceId);
  if (guest === null) throw new Error('no guest');
  world.cloud.putGuest(world.cloud.host(HOST_A), instanceId, { ...guest, state: 'shutdown' }, 'guestStopped');
}

describe('what the guests really do', () => {
  it('is recorded for a rescued server that has switched itself off, once; unrescue gives back the original', async () => {
    const server = await rescuedServer();
    const before = (await server.world.history()).length;
    await look(server);
    expect(await server.world.history()).toHaveLength(before);
    switchOff(server);
    await look(server);
    await look(server);
    expect(await server.world.history()).toHaveLength(before + 1);
    const row = serverOf(server.process, server.instanceId);
    expect(row).toMatchObject({ vmState: 'rescued', task: null });
    expect(powerStateOf(row)).toBe('shutdown');
    valueOf(await server.process.computeApi.unrescue(server.world.request(), server.instanceId));
    await server.world.settled();
    expect(powerStateOf(serverOf(server.process, server.instanceId))).toBe('running');
  });

  it('stops an active server that has switched itself off, so that it can be started again', async () => {
    const server = await rescuedServer();
    const { computeApi } = server.process;
    valueOf(await computeApi.unrescue(server.world.request(), server.instanceId));
    await server.world.settled();
    switchOff(server);
    await look(server);
    expect(serverOf(server.process, server.instanceId)).toMatchObject({ vmState: 'stopped', task: null });
    valueOf(await computeApi.runPowerAction(server.world.request(), server.instanceId, 'start', null));
    await server.world.settled();
    const row = serverOf(server.process, server.instanceId);
    expect([row.vmState, powerStateOf(row)]).toEqual(['active', 'running']);
  });

  it('is nobody’s business while something is being done to the server', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_B, 'prepareDestination', delay(5000));
    valueOf(await server.process.computeApi.liveMigrate(server.world.request(), server.instanceId, LIVE_MIGRATE));
    await server.world.clock.advance(1000);
    const before = (await server.world.history()).length;
    await synchroniser(server.process).synchronise(new AbortController().signal);
    expect(await server.world.history()).toHaveLength(before);
    await server.world.settled();
    await expectWholeOn(server, HOST_B);
  });
});

describe('an answer that comes late', () => {
  it('says nothing of a server that has changed since: nobody stops a guest that was started meanwhile', async () => {
    const server = await rescuedServer();
    const { dependencies, computeApi } = server.process;
    switchOff(server);
    const driver = dependencies.hosts.driver(HOST_A);
    if (driver === null) throw new Error('no driver');
    const answered = Promise.withResolvers<null>();
    const slow = new Proxy(driver, {
      get: (target, name) =>
        name === 'inquire'
          ? async (...args: Parameters<typeof target.inquire>) => {
              const seen = await target.inquire(...args);
              await answered.promise;
              return seen;
            }
          : Reflect.get(target, name, target),
    });
    const hosts = new ComputeHosts([slow]);
    const watch = new PowerStateSynchroniser({ ...dependencies, hosts, computeApi, intervalMs: INTERVAL_MS });
    const looking = watch.synchronise(new AbortController().signal);
    valueOf(await computeApi.unrescue(server.world.request(), server.instanceId));
    await server.world.settled();
    answered.resolve(null);
    await looking;
    await server.world.settled();
    const row = serverOf(server.process, server.instanceId);
    expect([row.vmState, powerStateOf(row)]).toEqual(['active', 'running']);
  });
});

describe('a rescue that lasts too long', () => {
  const timeout = ({ dependencies, computeApi }: WorldProcess, timeoutMs: number) =>
    new RescueTimeout({ ...dependencies, computeApi, timeoutMs });

  it('is ended by an unrescue, and not before', async () => {
    const server = await rescuedServer();
    const watch = timeout(server.process, HOUR_MS);
    await server.world.clock.advance(HOUR_MS - 60_000);
    await watch.unrescueOverdue();
    expect(serverOf(server.process, server.instanceId)).toMatchObject({ vmState: 'rescued', task: null });
    await server.world.clock.advance(61_000);
    await watch.unrescueOverdue();
    await server.world.settled();
    expect(serverOf(server.process, server.instanceId)).toMatchObject({ vmState: 'active', task: null, host: HOST_A });
  });

  it('waits for a migration, and is then the destination’s business', async () => {
    const server = await rescuedServer();
    const watch = timeout(server.process, HOUR_MS);
    await server.world.clock.advance(HOUR_MS + 1);
    server.world.faults.next(HOST_B, 'prepareDestination', delay(5000));
    valueOf(await server.process.computeApi.liveMigrate(server.world.request(), server.instanceId, LIVE_MIGRATE));
    await server.world.clock.advance(1000);
    await watch.unrescueOverdue();
    expect(serverOf(server.process, server.instanceId)).toMatchObject({
      vmState: 'rescued',
      task: { task: 'migrate' },
    });
    await server.world.settled();
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'completed' });
    await watch.unrescueOverdue();
    await server.world.settled();
    expect(serverOf(server.process, server.instanceId)).toMatchObject({ vmState: 'active', host: HOST_B });
    expect(server.world.cloud.guest(HOST_B, server.instanceId)).toMatchObject({ bootedFrom: 'disk', state: 'running' });
  });

  it('may last for ever with a timeout of 0', async () => {
    const server = await rescuedServer();
    const ending = new AbortController();
    void timeout(server.process, 0).run(ending.signal);
    await server.world.clock.advance(100 * RESCUE_POLL_MS);
    expect(serverOf(server.process, server.instanceId)).toMatchObject({ vmState: 'rescued' });
  });
});
