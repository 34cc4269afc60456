import { describe, expect, it } from 'vitest';
import { corruptOnWrite } from '../../adapters/simulated/simulated-faults.ts';
import type { CrashPoint } from '../support/crashing-event-store.ts';
import { HOST_A, HOST_B, LIVE_MIGRATE } from '../support/saga-world.ts';
import { callsOfOneMigration, expectWholeOn, migrateBy, migrationOf, rescuedServer } from './rescued-server.fixture.ts';

/** From the start of the next process until the migration has ended, one way or the other. */
const RECOVERY_MS = 5000;

/** Disks, memory, and the time between the two hosts; only what was handed over and taken goes on. */
const MOMENTS_OF_THE_COPY_MS = [0, 100, 400, 500, 600, 900, 999, 1000, 1049];

/** Every call with which a migration changes something, as one that goes well makes them. */
const CALLS = await callsOfOneMigration();

const CRASHES: readonly CrashPoint[] = CALLS.flatMap((_name, index) => [
  { call: index + 1, side: 'before' } as const,
  { call: index + 1, side: 'after' } as const,
]);

describe('a process that dies while it migrates a rescued server', () => {
  it('could do so at these calls', () => {
    expect(CALLS.filter((name) => !['append', 'write', 'readBack'].includes(name))).toEqual([
      'prepareDestination',
      'migrateGuest',
      'confirmSource',
      'adoptAtDestination',
      // Once more before the files go: an operator may have skipped it.
      'confirmSource',
      'clearSource',
    ]);
    for (const often of ['write', 'readBack']) expect(CALLS.filter((name) => name === often)).toHaveLength(5);
    expect(CALLS.filter((name) => name === 'append').length).toBeGreaterThanOrEqual(20);
  });

  it.each(CRASHES.map((point) => ({ ...point, name: CALLS[point.call - 1] })))(
    '$side call $call ($name) is followed by one that ends the migration',
    async ({ call, side }) => {
      const server = await rescuedServer();
      const dying = await server.handOver({ call, side });
      await migrateBy(server, dying);
      expect(dying.life.dead).toBe(true);
      expect(server.world.cloud.runningCopies(server.instanceId).length).toBeLessThanOrEqual(1);

      const heir = await server.world.startProcess();
      await server.world.clock.advance(RECOVERY_MS);
      const [migration] = heir.views.migrations.ofInstance(server.instanceId);
      if (migration === undefined) {
        // It died before the request was recorded, so the caller asks again.
        expect({ call, side }).toEqual({ call: 1, side: 'before' });
        await migrateBy(server, heir);
      }
      const { saga } = migrationOf(heir, server.instanceId);
      expect(['completed', 'rolledBack']).toContain(saga.phase);
      expect(heir.errors).toEqual([]);
      await expectWholeOn(server, saga.phase === 'completed' ? HOST_B : HOST_A, heir);
    },
  );

  it('leaves no file that nobody has read back', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_B, 'write', corruptOnWrite());
    // The last append before the guest moves: every file is written, and none is known to be whole.
    const dying = await server.handOver({ call: CALLS.indexOf('migrateGuest'), side: 'before' });
    await migrateBy(server, dying);
    const heir = await server.world.startProcess();
    await server.world.clock.advance(RECOVERY_MS);
    expect(migrationOf(heir, server.instanceId).saga.phase).toBe('completed');
    await expectWholeOn(server, HOST_B, heir);
  });

  it('does not hurt, however often it dies', async () => {
    const server = await rescuedServer();
    let process = await server.handOver({ call: 1, side: 'after' });
    await migrateBy(server, process);
    for (let deaths = 0; deaths < CALLS.length && process.life.dead; deaths += 1) {
      process = await server.world.startProcess({ call: 2, side: 'after' });
      await server.world.settled();
    }
    const last = await server.world.startProcess();
    await server.world.settled();
    const { saga } = migrationOf(last, server.instanceId);
    await expectWholeOn(server, saga.phase === 'completed' ? HOST_B : HOST_A, last);
  });

  it.each(MOMENTS_OF_THE_COPY_MS)('%i ms after the copy began is followed by one that ends it', async (momentMs) => {
    const server = await rescuedServer();
    const dying = await server.handOver(null);
    void dying.computeApi.liveMigrate(server.world.request(), server.instanceId, LIVE_MIGRATE);
    await server.world.clock.advance(momentMs);
    dying.life.die();
    await server.world.settled();
    const heir = await server.world.startProcess();
    await server.world.clock.advance(RECOVERY_MS);
    const { saga } = migrationOf(heir, server.instanceId);
    expect(saga).toMatchObject({ phase: 'rolledBack', failedStep: 'migrateGuest' });
    await expectWholeOn(server, HOST_A, heir);
  });
});
