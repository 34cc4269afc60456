import { describe, expect, it } from 'vitest';
import type { CrashPoint } from '../support/crashing-event-store.ts';
import { HOST_A, HOST_B, LIVE_MIGRATE } from '../support/saga-world.ts';
import {
  callsOfOneMigration,
  expectWholeOn,
  migrateBy,
  migrationOf,
  rescuedServer,
  valueOf,
} from './rescued-server.fixture.ts';

/** Every call with which a migration changes something, as one that goes well makes them. */
const CALLS = await callsOfOneMigration();

const CRASHES: readonly CrashPoint[] = CALLS.flatMap((_name, index) => [
  { call: index + 1, side: 'before' } as const,
  { call: index + 1, side: 'after' } as const,
]);

describe('a process that dies while it migrates a rescued server', () => {
  it('could do so at these calls', () => {
    expect(CALLS.filter((name) => name !== 'append' && name !== 'store')).toEqual([
      'prepareDestination',
      'migrateGuest',
      'confirmSource',
      'adoptAtDestination',
      // Once more before the files go: an operator may have skipped it.
      'confirmSource',
      'clearSource',
    ]);
    expect(CALLS.filter((name) => name === 'store')).toHaveLength(5);
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
      await server.world.settled();
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

  it('in the middle of the copy leaves the server on its source', async () => {
    const server = await rescuedServer();
    const dying = await server.handOver(null);
    void dying.computeApi.liveMigrate(server.world.request(), server.instanceId, LIVE_MIGRATE);
    await server.world.clock.advance(700);
    expect(server.world.cloud.guest(HOST_B, server.instanceId)).toMatchObject({ incoming: true });
    dying.life.die();
    await server.world.settled();
    const heir = await server.world.startProcess();
    await server.world.settled();
    expect(migrationOf(heir, server.instanceId).saga).toMatchObject({
      phase: 'rolledBack',
      failedStep: 'migrateGuest',
    });
    await expectWholeOn(server, HOST_A, heir);
  });
});

describe('a process that dies while it rescues', () => {
  it('is followed by one that ends the rescue', async () => {
    for (const side of ['before', 'after'] as const) {
      const server = await rescuedServer();
      const first = await server.handOver(null);
      valueOf(await first.computeApi.unrescue(server.world.request(), server.instanceId));
      await server.world.settled();
      first.life.die();
      for (let call = 1; call <= 4; call += 1) {
        const dying = await server.world.startProcess({ call, side });
        void dying.computeApi.rescue(server.world.request(), server.instanceId, null).catch(() => undefined);
        await server.world.settled();
        expect({ call, side, dead: dying.life.dead }).toEqual({ call, side, dead: true });
        const heir = await server.world.startProcess();
        await server.world.settled();
        const row = heir.views.servers.find(server.instanceId);
        if (row?.vmState === 'active') {
          expect({ call, side }).toEqual({ call: 1, side: 'before' });
          heir.life.die();
          continue;
        }
        expect(row).toMatchObject({ vmState: 'rescued', task: null });
        valueOf(await heir.computeApi.unrescue(server.world.request(), server.instanceId));
        await server.world.settled();
        expect(server.world.cloud.guest(HOST_A, server.instanceId)?.bootedFrom).toBe('disk');
        heir.life.die();
      }
    }
  });
});
