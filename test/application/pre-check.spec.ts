import { describe, expect, it } from 'vitest';
import { hang } from '../../adapters/simulated/simulated-faults.ts';
import { ComputeApi, type LiveMigrateServer } from '../../application/compute-api.ts';
import type { HostName } from '../../domain/shared/ids.ts';
import { HOST_A, HOST_B, HOST_C } from '../support/saga-world.ts';
import { migrationOf, rescuedServer, serverOf, valueOf, type RescuedServer } from './rescued-server.fixture.ts';

const NO_VALID_HOST = 'No valid host was found. There are not enough hosts available.';

/** On compute-a, with two more hosts. */
async function activeServer(): Promise<RescuedServer> {
  const server = await rescuedServer([HOST_A, HOST_B, HOST_C]);
  valueOf(await server.process.computeApi.unrescue(server.world.request(), server.instanceId));
  await server.world.settled();
  return server;
}

/** Asks at a microversion and does not let any time pass: what is answered was known without waiting for a copy. */
const ask = ({ world, process, instanceId }: RescuedServer, minor: number, wanted: Partial<LiveMigrateServer> = {}) =>
  process.computeApi.liveMigrate(world.request(), instanceId, {
    microversion: { major: 2, minor },
    requestedHost: null,
    blockMigration: 'auto',
    force: false,
    ...wanted,
  });

type ServiceCommand = Parameters<ComputeApi['changeComputeService']>[2];
const FORCED_DOWN: ServiceCommand = { type: 'ForceDown', forcedDown: true };
const DISABLED: ServiceCommand = { type: 'DisableComputeService', disabledReason: null };

async function tell(server: RescuedServer, command: ServiceCommand, ...hosts: readonly HostName[]): Promise<void> {
  const { process, world } = server;
  for (const host of hosts) valueOf(await process.computeApi.changeComputeService(world.request(), host, command));
}

const failed = (detail: string) => ({ accepted: false, refusal: { reason: 'PreCheckFailed', detail } });

const actionsOf = ({ process, instanceId }: RescuedServer) =>
  process.views.instanceActions.ofInstance(instanceId).filter(({ action }) => action === 'live-migration');

describe('a live migration below 2.34', () => {
  it('is answered when a destination was found, and then goes on by itself', async () => {
    const server = await activeServer();
    expect(await ask(server, 33)).toMatchObject({ accepted: true });
    expect(migrationOf(server.process, server.instanceId).destination).toBe(HOST_B);
    await server.world.settled();
    expect(serverOf(server.process, server.instanceId)).toMatchObject({ host: HOST_B, task: null });
    expect(actionsOf(server)[0]?.events.map(({ event }) => event)).toContain('conductor_migrate_server');
  });

  it.each([
    ['no other host is up', (server: RescuedServer) => tell(server, FORCED_DOWN, HOST_B, HOST_C), NO_VALID_HOST],
    [
      'its own host is down',
      (server: RescuedServer) => tell(server, FORCED_DOWN, HOST_A),
      'Compute service of compute-a is unavailable at this time.',
    ],
  ])('is refused when %s, and leaves a server that is free and an action that tells', async (_why, prepare, detail) => {
    const server = await activeServer();
    await prepare(server);
    expect(await ask(server, 33)).toEqual(failed(detail));
    expect(serverOf(server.process, server.instanceId)).toMatchObject({ vmState: 'active', task: null, host: HOST_A });
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'error', destination: null });
    expect(actionsOf(server)).toMatchObject([{ message: 'Error' }]);
  });

  it('is refused by the power state of a guest that went off by itself', async () => {
    const server = await activeServer();
    const host = server.world.cloud.host(HOST_A);
    const guest = host.guests.get(server.instanceId);
    if (guest === undefined) throw new Error('no guest');
    host.guests.set(server.instanceId, server.world.cloud.inState(guest, 'shutdown'));
    expect(await ask(server, 33)).toEqual({
      accepted: false,
      refusal: { reason: 'InvalidPowerState', action: 'os-migrateLive', powerState: 'shutdown' },
    });
    expect(actionsOf(server)[0]?.events.filter(({ host: asked }) => asked === HOST_C)).toEqual([]);
  });

  it('is accepted when nobody can say in time, and goes on', async () => {
    const server = await activeServer();
    server.world.faults.next('*', 'checkDestination', hang());
    const impatient = new ComputeApi({
      ...server.process.dependencies,
      flavors: { find: () => null, all: () => [] },
      preCheckTimeoutMs: 1,
    });
    const { world, instanceId } = server;
    const wanted = { requestedHost: null, blockMigration: 'auto', force: false } as const;
    const microversion = { major: 2, minor: 30 };
    expect(await impatient.liveMigrate(world.request(), instanceId, { ...wanted, microversion })).toMatchObject({
      accepted: true,
    });
    await world.settled();
    expect(migrationOf(server.process, instanceId)).toMatchObject({ status: 'completed', destination: HOST_C });
  });
});

describe('from 2.34', () => {
  it('the same failures come after the answer', async () => {
    const server = await activeServer();
    await tell(server, FORCED_DOWN, HOST_B, HOST_C);
    expect(await ask(server, 34)).toMatchObject({ accepted: true });
    await server.world.settled();
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'error', reason: NO_VALID_HOST });
    expect(actionsOf(server)[0]?.events.map(({ event }) => event)).toEqual(['conductor_live_migrate_instance']);
  });
});

describe('a host that bypasses the scheduler', () => {
  it.each([
    ['below 2.30', 29, false],
    ['forced', 67, true],
  ])('%s may be disabled', async (_how, minor, force) => {
    const server = await activeServer();
    await tell(server, DISABLED, HOST_C);
    expect(await ask(server, minor, { requestedHost: HOST_C, force })).toMatchObject({ accepted: true });
    await server.world.settled();
    expect(serverOf(server.process, server.instanceId)).toMatchObject({ host: HOST_C });
  });

  it('may not when the scheduler is asked, and then there was nothing to choose from', async () => {
    const server = await activeServer();
    await tell(server, DISABLED, HOST_C);
    expect(await ask(server, 30, { requestedHost: HOST_C })).toEqual(failed('No valid host was found. '));
  });

  it('must be up, have room, and not be the present one', async () => {
    const server = await activeServer();
    const { instanceId } = server;
    expect(await ask(server, 29, { requestedHost: HOST_A })).toEqual(
      failed(`Unable to migrate instance (${instanceId}) to current host (compute-a).`),
    );
    await tell(server, FORCED_DOWN, HOST_B);
    expect(await ask(server, 29, { requestedHost: HOST_B })).toEqual(
      failed('Compute service of compute-b is unavailable at this time.'),
    );
    expect(await ask(server, 30, { requestedHost: HOST_A })).toEqual(failed(NO_VALID_HOST));
  });

  it('is the only one that is asked, and says why not', async () => {
    const server = await activeServer();
    server.world.cloud.host(HOST_B).diskFull = true;
    const answer = await ask(server, 29, { requestedHost: HOST_B });
    expect(answer).toMatchObject({ accepted: false, refusal: { reason: 'PreCheckFailed' } });
    expect(JSON.stringify(answer)).not.toContain(NO_VALID_HOST);
    const asked = actionsOf(server).flatMap(({ events }) => events.map(({ host }) => host));
    expect(asked).not.toContain(HOST_C);
  });
});
