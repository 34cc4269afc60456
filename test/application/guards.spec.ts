import { describe, expect, it } from 'vitest';
import { delay, failBefore } from '../../adapters/simulated/simulated-faults.ts';
import { INSTANCE, instanceStream, MIGRATION_SAGA, migrationSagaStream } from '../../application/aggregates.ts';
import { handleCommand, loadAggregate, refuseToForget } from '../../application/handle-command.ts';
import { inquireGuest } from '../../application/inquire-guest.ts';
import { performSagaUndo } from '../../application/perform-saga-undo.ts';
import { refuseStaleMigration } from '../../application/refuse-stale-migration.ts';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import { migrationId as toMigrationId } from '../../domain/shared/ids.ts';
import { HOST_A, HOST_B, LIVE_MIGRATE } from '../support/saga-world.ts';
import { expectWholeOn, migrationOf, rescuedServer, valueOf } from './rescued-server.fixture.ts';

describe('the last guard', () => {
  it('does not resume the source while the destination runs the guest', async () => {
    const server = await rescuedServer();
    const { world, process, instanceId } = server;
    for (let attempt = 0; attempt < 5; attempt += 1) world.faults.next(HOST_A, 'confirmSource', failBefore('no'));
    await server.migrate();
    const { saga } = migrationOf(process, instanceId);
    const { state } = await loadAggregate(world.eventStore, INSTANCE, instanceStream(instanceId));
    if (saga.phase === 'absent' || state.existence !== 'present') throw new Error('nothing to undo');
    const context = { dependencies: process.dependencies, saga, instance: state };
    expect(await performSagaUndo(context, 'restoreSource')).toEqual({
      outcome: 'failed',
      reason: 'The guest may run on compute-b (here); compute-a is left as it is.',
    });
    expect(world.cloud.runningCopies(instanceId)).toEqual([HOST_B]);
    expect(world.cloud.mostRunningCopies(instanceId)).toBe(1);
  });
});

describe('a migration that is taken up long after it had stopped', () => {
  it('removes nothing where the server lives, nor while another migration of it is under way', async () => {
    const server = await rescuedServer();
    await server.migrate();
    const { saga } = migrationOf(server.process, server.instanceId);
    const { state } = await loadAggregate(server.world.eventStore, INSTANCE, instanceStream(server.instanceId));
    if (saga.phase === 'absent' || state.existence !== 'present') throw new Error('no migration');
    expect(refuseStaleMigration(saga, state, HOST_A)).toBeNull();
    expect(refuseStaleMigration(saga, state, HOST_B)).toContain('The server lives on compute-b');
    const another = { ...state, migration: toMigrationId('another') };
    expect(refuseStaleMigration(saga, another, HOST_A)).toContain('Another migration of the server is under way');
    expect(refuseStaleMigration(saga, { ...state, migration: saga.migrationId }, HOST_B)).toBeNull();
  });
});

describe('an inquiry', () => {
  it('takes a copy that stands still on the source for no second machine, even when its owner paused it', async () => {
    const server = await rescuedServer();
    const { world, process, instanceId } = server;
    const [source, destination] = [
      process.dependencies.hosts.driver(HOST_A),
      process.dependencies.hosts.driver(HOST_B),
    ];
    if (source === null || destination === null) throw new Error('no drivers');
    const guest = world.cloud.host(HOST_A).guests.get(instanceId);
    if (guest === undefined) throw new Error('no guest');
    world.cloud.putGuest(world.cloud.host(HOST_A), instanceId, world.cloud.inState(guest, 'paused'), 'guestPaused');
    world.cloud.putGuest(world.cloud.host(HOST_B), instanceId, world.cloud.inState(guest, 'paused'), 'takenOver');
    expect(await inquireGuest(source, destination, instanceId)).toMatchObject({ whereabouts: 'onDestination' });
    world.cloud.putGuest(world.cloud.host(HOST_A), instanceId, guest, 'guestResumed');
    expect(await inquireGuest(source, destination, instanceId)).toMatchObject({ whereabouts: 'undetermined' });
  });
});

describe('a runner that was overtaken', () => {
  it('stops before the next phase of the transfer', async () => {
    const server = await rescuedServer();
    const { world, process, instanceId } = server;
    world.faults.next(HOST_A, 'migrateGuest:prepared', delay(10_000));
    valueOf(await process.computeApi.liveMigrate(world.request(), instanceId, LIVE_MIGRATE));
    await world.clock.advance(1000);
    const { migrationId } = migrationOf(process, instanceId);
    const failure = { type: 'RecordStepFailure', step: 'migrateGuest', reason: 'looked', checks: [] } as const;
    const told = await handleCommand(
      world,
      MIGRATION_SAGA,
      migrationSagaStream(migrationId),
      { ...failure, at: world.clock.now() },
      { correlationId: 'other', causationId: 'other', actor: 'other' },
    );
    expect(told).toMatchObject({ accepted: true, events: [{ type: 'StepFailed' }] });
    await world.settled();
    expect(world.cloud.effects().map(({ effect }) => effect)).not.toContain('handedOver');
    await expectWholeOn(server, HOST_A);
  });
});

describe('a command of a runner', () => {
  it('that lost to too many conflicts was not heard, one that was refused by the server’s state was', () => {
    const refused = (reason: string) => () => refuseToForget('instance-1', { accepted: false, refusal: { reason } });
    expect(refused('TooManyConflicts')).toThrow(StoreUnavailable);
    expect(refused('InstanceNotFound')).not.toThrow();
  });
});
