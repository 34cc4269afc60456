import { describe, expect, it } from 'vitest';
import { delay, hang, losePower } from '../../adapters/simulated/simulated-faults.ts';
import { MIGRATION_SAGA, migrationSagaStream } from '../../application/aggregates.ts';
import { handleCommand } from '../../application/handle-command.ts';
import type { Resolution } from '../../domain/migration/saga-events.ts';
import { computeServiceId, serviceVersion } from '../../domain/shared/ids.ts';
import { HOST_A, HOST_B, LIVE_MIGRATE } from '../support/saga-world.ts';
import {
  expectWholeOn,
  migrationOf,
  rescuedServer,
  serverOf,
  valueOf,
  type RescuedServer,
} from './rescued-server.fixture.ts';

const NEWEST = { major: 2, minor: 105 };

const lever = ({ instanceId }: RescuedServer, migration = '1', microversion = NEWEST) => ({
  instanceId,
  migration,
  microversion,
});

const abort = (server: RescuedServer, microversion = NEWEST) =>
  server.process.computeApi.liveMigrations.abort(server.world.request(), lever(server, '1', microversion));

async function migratingUntil(server: RescuedServer, status: string): Promise<void> {
  valueOf(await server.process.computeApi.liveMigrate(server.world.request(), server.instanceId, LIVE_MIGRATE));
  for (let steps = 0; migrationOf(server.process, server.instanceId).status !== status; steps += 1) {
    if (steps > 1000) throw new Error(`never ${status}`);
    await server.world.clock.advance(1);
  }
}

describe('abort', () => {
  it('of a running migration leaves the server rescued where it was', async () => {
    const server = await rescuedServer();
    await migratingUntil(server, 'running');
    valueOf(await abort(server, { major: 2, minor: 24 }));
    await server.world.settled();
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'cancelled' });
    const actions = server.process.views.instanceActions.ofInstance(server.instanceId);
    expect(actions.at(-1)).toMatchObject({
      action: 'live_migration_cancel',
      events: [{ event: 'compute_live_migration_abort', result: 'Success', host: HOST_A }],
    });
    await expectWholeOn(server, HOST_A);
  });

  it('of one that prepares is heard when its step has ended', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_B, 'prepareDestination', delay(5000));
    await migratingUntil(server, 'preparing');
    expect(await abort(server, { major: 2, minor: 64 })).toMatchObject({
      accepted: false,
      refusal: { reason: 'MigrationNotAbortable', status: 'preparing', migration: '1' },
    });
    valueOf(await abort(server, { major: 2, minor: 65 }));
    await server.world.settled();
    expect(server.world.faults.unmet()).toBe(0);
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'cancelled' });
    await expectWholeOn(server, HOST_A);
  });

  it('of one that writes files breaks them off, and nothing of them stays', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_B, 'write', delay(5000));
    await migratingUntil(server, 'preparing');
    while (server.world.faults.unmet() > 0) await server.world.clock.advance(1);
    valueOf(await abort(server));
    await server.world.settled();
    const { migrationId } = migrationOf(server.process, server.instanceId);
    const history = await server.world.eventStore.readStream(migrationSagaStream(migrationId));
    const failed = history.map(({ data }) => data).filter(({ type }) => type === 'StepFailed');
    expect(failed).toMatchObject([{ step: 'stageArtifacts', reason: expect.stringContaining('was aborted') }]);
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'cancelled' });
    await expectWholeOn(server, HOST_A);
  });

  it('of one that waits for its turn frees the server at once', async () => {
    const server = await rescuedServer();
    const { world, process, instanceId } = server;
    const release = Promise.withResolvers<void>();
    void process.dependencies.slots.hold(HOST_A, () => release.promise);
    await migratingUntil(server, 'queued');
    valueOf(await abort(server));
    await world.settled();
    expect(migrationOf(process, instanceId)).toMatchObject({ status: 'cancelled' });
    expect(serverOf(process, instanceId)).toMatchObject({ vmState: 'rescued', task: null, migration: null });
    release.resolve();
    await world.settled();
    await expectWholeOn(server, HOST_A);
  });

  it('is refused for what is over, and for what is not there', async () => {
    const server = await rescuedServer();
    await migratingUntil(server, 'running');
    const unknown = await server.process.computeApi.liveMigrations.abort(server.world.request(), lever(server, '9'));
    expect(unknown).toMatchObject({ refusal: { reason: 'MigrationToAbortNotFound', migration: '9' } });
    await server.world.settled();
    expect(await abort(server)).toMatchObject({ refusal: { reason: 'InvalidState', action: 'abort live migration' } });
    await expectWholeOn(server, HOST_B);
  });

  it('that comes when the guest has moved changes nothing', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_A, 'clearSource', delay(5000));
    await migratingUntil(server, 'running');
    while (server.world.faults.unmet() > 0) await server.world.clock.advance(10);
    valueOf(await abort(server));
    await server.world.settled();
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'completed' });
    await expectWholeOn(server, HOST_B);
  });

  it('survives a crash: whoever takes the migration up does not begin the step again', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_B, 'prepareDestination', hang());
    await migratingUntil(server, 'preparing');
    valueOf(await abort(server));
    server.process.stop();
    server.process.life.die();
    const heir = await server.world.startProcess();
    await server.world.settled();
    expect(migrationOf(heir, server.instanceId)).toMatchObject({ status: 'cancelled' });
    await expectWholeOn(server, HOST_A, heir);
  });
});

describe('force-complete', () => {
  it('lets a running copy end, and the guest runs where it has arrived', async () => {
    const server = await rescuedServer();
    await migratingUntil(server, 'running');
    const { liveMigrations } = server.process.computeApi;
    valueOf(await liveMigrations.forceComplete(server.world.request(), lever(server)));
    await server.world.settled();
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'completed' });
    await expectWholeOn(server, HOST_B);
  });

  it('is refused before 2.105 for a rescued server, and before it runs', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_B, 'prepareDestination', delay(5000));
    await migratingUntil(server, 'preparing');
    const { liveMigrations } = server.process.computeApi;
    const before = await liveMigrations.forceComplete(
      server.world.request(),
      lever(server, '1', { major: 2, minor: 104 }),
    );
    expect(before).toMatchObject({ refusal: { reason: 'InvalidVmState', vmState: 'rescued' } });
    const early = await liveMigrations.forceComplete(server.world.request(), lever(server));
    expect(early).toMatchObject({ refusal: { reason: 'MigrationNotRunning', status: 'preparing' } });
    await server.world.settled();
    await expectWholeOn(server, HOST_B);
  });
});

/** The destination is gone from the middle of the transfer on. */
async function stoppedServer(): Promise<RescuedServer> {
  const server = await rescuedServer();
  server.world.faults.next(HOST_A, 'migrateGuest:performing', losePower(HOST_B));
  await server.migrate();
  expect(migrationOf(server.process, server.instanceId)).toMatchObject({
    status: 'error',
    saga: { phase: 'needsOperator', stoppedAt: 'migrateGuest' },
  });
  return server;
}

async function resolve(server: RescuedServer, resolution: Resolution) {
  const { dependencies } = server.process;
  const { migrationId } = migrationOf(server.process, server.instanceId);
  const { requestId, userId, projectId } = server.world.request();
  const initiator = { requestId, userId, projectId };
  const command = { type: 'ResolveMigration', resolution, initiator, at: dependencies.clock.now() } as const;
  const metadata = { correlationId: requestId, causationId: requestId, actor: userId };
  const stream = migrationSagaStream(migrationId);
  const answer = await handleCommand(dependencies, MIGRATION_SAGA, stream, command, metadata);
  await server.world.settled();
  return answer;
}

describe('a migration that has stopped', () => {
  it('says so, and why, in the instance action', async () => {
    const server = await stoppedServer();
    const [action] = server.process.views.instanceActions
      .ofInstance(server.instanceId)
      .filter((row) => row.action === 'live-migration');
    expect(action).toMatchObject({ message: 'Error' });
    expect(action?.events.at(-1)).toMatchObject({ event: 'lifeboat_needs_operator', result: 'Error' });
    expect(action?.events.at(-1)?.details).toContain('unreachable');
  });

  it.each(['retry', 'rollback'] as const)('goes back when an operator says %s and the host is there', async (what) => {
    const server = await stoppedServer();
    server.world.cloud.hostUp(HOST_B);
    expect(await resolve(server, what)).toMatchObject({ accepted: true });
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'failed' });
    await expectWholeOn(server, HOST_A);
  });

  it('stops again, and touches nothing, when an operator says so too early', async () => {
    const server = await stoppedServer();
    await resolve(server, 'rollback');
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({
      saga: { phase: 'needsOperator', stoppedAt: 'restoreSource' },
    });
    server.world.cloud.hostUp(HOST_B);
    await resolve(server, 'rollback');
    await expectWholeOn(server, HOST_A);
  });

  it('does not take a copy on the destination that is not there', async () => {
    const server = await stoppedServer();
    server.world.cloud.hostUp(HOST_B);
    await resolve(server, 'adoptDestination');
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({
      saga: { phase: 'needsOperator', stoppedAt: 'confirmSource' },
    });
    expect(server.world.cloud.guest(HOST_A, server.instanceId)).not.toBeNull();
    const refused = await resolve(server, 'rollback');
    expect(refused).toMatchObject({
      accepted: false,
      refusal: { reason: 'ResolutionNotPossible', possible: ['retry', 'adoptDestination'] },
    });
  });

  it('is taken up by itself when its host is seen again', async () => {
    const server = await stoppedServer();
    const { computeApi } = server.process;
    valueOf(await computeApi.changeComputeService(server.world.request(), HOST_B, { type: 'ReportDown', reason: 'x' }));
    await server.world.settled();
    server.world.cloud.hostUp(HOST_B);
    const serviceId = computeServiceId(server.world.ids.uuid());
    const report = { type: 'ReportComputeService', serviceId, host: HOST_B, version: serviceVersion(74) } as const;
    valueOf(await computeApi.changeComputeService(server.world.request(), HOST_B, report));
    await server.world.settled();
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'failed' });
    await expectWholeOn(server, HOST_A);
  });

  it('on the way behind the pivot is adopted without its source, which is cleared when it is back', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_A, 'confirmSource', losePower(HOST_A));
    await server.migrate();
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({
      saga: { phase: 'needsOperator', stoppedAt: 'confirmSource' },
    });
    await resolve(server, 'adoptDestination');
    expect(serverOf(server.process, server.instanceId)).toMatchObject({ host: HOST_B, task: null, migration: null });
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({
      saga: { phase: 'needsOperator', stoppedAt: 'clearSource' },
    });
    server.world.cloud.hostUp(HOST_A);
    await resolve(server, 'retry');
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({ status: 'completed' });
    await expectWholeOn(server, HOST_B);
  });
});
