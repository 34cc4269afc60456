import { describe, expect, it } from 'vitest';
import { failBefore, unknownBefore } from '../../adapters/simulated/simulated-faults.ts';
import type { PreCheck } from '../../domain/migration/saga-events.ts';
import type { HostName } from '../../domain/shared/ids.ts';
import { HOST_A, HOST_B, HOST_C } from '../support/saga-world.ts';
import { expectWholeOn, migrationOf, rescuedServer, type RescuedServer } from './rescued-server.fixture.ts';

const NOT_ON_DESTINATION =
  'Migration pre-check error: Live migration of rescued instances is not supported by the virt driver on destination host.';
const NOT_ON_SOURCE =
  'Error while check_can_live_migrate_source from compute-a to host compute-b: MigrationPreCheckError ' +
  'Migration pre-check error: Live migration of rescued instances is not supported by the virt driver on source host.';
const NO_VALID_HOST = 'No valid host was found. There are not enough hosts available.';

/** What each asked host answered, in the order in which they were asked. */
async function checksOf({ world, process, instanceId }: RescuedServer) {
  const stream = `migrationSaga-${migrationOf(process, instanceId).migrationId}` as const;
  const checks = (await world.eventStore.readStream(stream)).flatMap(({ data }): readonly PreCheck[] => {
    if (data.type === 'StepFailed') return data.checks;
    return data.type === 'StepSucceeded' && data.result.step === 'selectDestination' ? data.result.checks : [];
  });
  return checks.map(({ name, host, refusal }) => [name.replace('check_can_live_migrate_', ''), host, refusal]);
}

async function expectRefused(server: RescuedServer, reason: string): Promise<void> {
  expect(migrationOf(server.process, server.instanceId)).toMatchObject({
    status: 'error',
    reason,
    destination: null,
    saga: { phase: 'rolledBack', failedStep: 'selectDestination' },
  });
  await expectWholeOn(server, HOST_A);
}

const incapable = ({ world }: RescuedServer, host: HostName) => {
  world.cloud.host(host).supportsLiveMigrateRescued = false;
};

describe('a capability that is missing', () => {
  it('on the only destination is answered 202 and told afterwards', async () => {
    const server = await rescuedServer();
    incapable(server, HOST_B);
    expect(await server.migrate()).toMatchObject({ accepted: true });
    expect(await checksOf(server)).toEqual([
      ['destination', HOST_B, NOT_ON_DESTINATION],
      ['source', HOST_A, null],
    ]);
    await expectRefused(server, NO_VALID_HOST);
  });

  it('on the source is told by both hosts', async () => {
    const server = await rescuedServer();
    incapable(server, HOST_A);
    await server.migrate();
    expect(await checksOf(server)).toEqual([
      ['destination', HOST_B, NOT_ON_SOURCE],
      [
        'source',
        HOST_A,
        'Migration pre-check error: Live migration of rescued instances is not supported by the virt driver on source host.',
      ],
    ]);
    await expectRefused(server, NO_VALID_HOST);
  });

  it('on one destination makes the next one be asked', async () => {
    const server = await rescuedServer([HOST_A, HOST_B, HOST_C]);
    incapable(server, HOST_B);
    await server.migrate();
    expect(await checksOf(server)).toEqual([
      ['destination', HOST_B, NOT_ON_DESTINATION],
      ['source', HOST_A, null],
      ['destination', HOST_C, null],
      ['source', HOST_A, null],
    ]);
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'completed', destination: HOST_C });
    await expectWholeOn(server, HOST_C);
  });

  it('does not matter to a server that is not rescued', async () => {
    const server = await rescuedServer();
    await server.process.computeApi.unrescue(server.world.request(), server.instanceId);
    await server.world.settled();
    incapable(server, HOST_A);
    incapable(server, HOST_B);
    await server.migrate();
    expect(migrationOf(server.process, server.instanceId).status).toBe('completed');
  });
});

describe('no destination is found when', () => {
  it('all are down, disabled or asked for by a name that is the source’s own', async () => {
    const commands = [
      { type: 'ReportDown', reason: 'silence' },
      { type: 'DisableComputeService', disabledReason: null },
      { type: 'ForceDown', forcedDown: true },
      null,
    ] as const;
    for (const command of commands) {
      const server = await rescuedServer();
      const { computeApi } = server.process;
      if (command !== null) await computeApi.changeComputeService(server.world.request(), HOST_B, command);
      await server.migrate(command === null ? HOST_A : null);
      expect(await checksOf(server)).toEqual([]);
      await expectRefused(server, NO_VALID_HOST);
    }
  });

  it('a check is not answered, or the destination has another guest of that id', async () => {
    const lost = await rescuedServer();
    lost.world.faults.next(HOST_B, 'checkDestination', unknownBefore());
    await lost.migrate();
    await expectRefused(lost, NO_VALID_HOST);
    const refused = await rescuedServer();
    refused.world.faults.next(HOST_B, 'checkDestination', failBefore('domain already exists'));
    await refused.migrate();
    expect(await checksOf(refused)).toEqual([
      ['destination', HOST_B, 'domain already exists'],
      ['source', HOST_A, null],
    ]);
    await expectRefused(refused, NO_VALID_HOST);
  });
});

describe('a source', () => {
  it('whose compute service is down is told by its name', async () => {
    const server = await rescuedServer();
    const down = { type: 'ReportDown', reason: 'silence' } as const;
    await server.process.computeApi.changeComputeService(server.world.request(), HOST_A, down);
    await server.migrate();
    expect(await checksOf(server)).toEqual([]);
    await expectRefused(server, 'Compute service of compute-a is unavailable at this time.');
  });

  it('whose guest has shut itself down is not migrated', async () => {
    const server = await rescuedServer();
    const { cloud } = server.world;
    const guest = cloud.host(HOST_A).guests.get(server.instanceId);
    if (guest === undefined) throw new Error('the guest is gone');
    cloud.putGuest(cloud.host(HOST_A), server.instanceId, cloud.inState(guest, 'shutdown'), 'guestStopped');
    await server.migrate();
    const [, source] = await checksOf(server);
    const told = `Instance ${server.instanceId} in power_state shutdown. Cannot live migrate while the instance is in this state.`;
    expect(source).toEqual(['source', HOST_A, told]);
  });
});
