import { describe, expect, it } from 'vitest';
import { unknownAfter, unknownBefore } from '../../adapters/simulated/simulated-faults.ts';
import { recordingListener, refusalOf, valueOf } from './hypervisor-driver.fixture.ts';
import { stagedMigration } from './simulated-migration.fixture.ts';
import { DESTINATION, SOURCE } from './simulated-pair.fixture.ts';

const MINUTE_MS = 60_000;
const COMPLETION_TIMEOUT_MS = 1_600_000;

/** A migration of a guest that writes faster than it is copied, a minute after it was begun. */
async function endlessMigration() {
  const server = await stagedMigration();
  const { guest, source, destination, migration, cloud } = server;
  cloud.host(SOURCE).dirtying.add(guest.instanceId);
  const migrated = source.migrateGuest(
    migration,
    destination,
    valueOf(await source.checkSource(migration)),
    recordingListener(),
  );
  await server.clock.advance(MINUTE_MS);
  expect(server.where()).toEqual({ running: [SOURCE], incoming: true });
  return { ...server, migrated };
}

describe('a simulated guest that writes faster than it is copied', () => {
  it('is given up after a time', async () => {
    const { clock, migrated, where, cloud, guest } = await endlessMigration();
    await clock.advance(COMPLETION_TIMEOUT_MS - MINUTE_MS - 1000);
    expect(cloud.host(SOURCE).jobs.has(guest.instanceId)).toBe(true);
    await clock.advance(2000);
    expect(refusalOf(await migrated)).toContain('canceled by client');
    expect(where()).toEqual({ running: [SOURCE], incoming: false });
  });

  it('stays when it is aborted, and nobody stands still for it', async () => {
    const { clock, driverOfAnotherProcess, migration, migrated, where, cloud, guest } = await endlessMigration();
    valueOf(await driverOfAnotherProcess(SOURCE).abortMigration(migration));
    await clock.runUntilIdle();
    expect(refusalOf(await migrated)).toContain('canceled by client');
    expect(where()).toEqual({ running: [SOURCE], incoming: false });
    expect(cloud.guest(SOURCE, guest.instanceId)).toMatchObject({ outgoing: null, state: 'running' });
  });

  it('arrives when it is forced, and runs there', async () => {
    const { clock, driverOfAnotherProcess, migration, migrated, where, cloud, guest, bootId } =
      await endlessMigration();
    valueOf(await driverOfAnotherProcess(SOURCE).forceComplete(migration));
    expect(where()).toEqual({ running: [], incoming: true });
    await clock.runUntilIdle();
    valueOf(await migrated);
    expect(where()).toEqual({ running: [DESTINATION], incoming: false });
    expect(cloud.guest(DESTINATION, guest.instanceId)?.bootId).toBe(bootId);
  });

  it('runs on where it was when it is forced, aborted and restored', async () => {
    const { clock, source, migration, migrated, where } = await endlessMigration();
    valueOf(await source.forceComplete(migration));
    valueOf(await source.abortMigration(migration));
    await clock.runUntilIdle();
    refusalOf(await migrated);
    valueOf(await source.restoreSource(migration));
    expect(where()).toEqual({ running: [SOURCE], incoming: false });
  });

  it('is aborted although the answer is lost, and not when the request is', async () => {
    const lost = await endlessMigration();
    lost.faults.next(SOURCE, 'abortMigration', unknownBefore());
    expect(await lost.source.abortMigration(lost.migration)).toMatchObject({ outcome: 'unknown' });
    await lost.clock.advance(MINUTE_MS);
    expect(lost.where()).toEqual({ running: [SOURCE], incoming: true });
    lost.faults.next(SOURCE, 'abortMigration', unknownAfter());
    expect(await lost.source.abortMigration(lost.migration)).toMatchObject({ outcome: 'unknown' });
    await lost.clock.runUntilIdle();
    refusalOf(await lost.migrated);
    expect(lost.where()).toEqual({ running: [SOURCE], incoming: false });
  });
});
