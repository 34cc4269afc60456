import { describe, expect, it } from 'vitest';
import type { CrashPoint } from '../support/crashing-event-store.ts';
import { HOST_A, HOST_B, type WorldProcess } from '../support/saga-world.ts';
import {
  expectWholeOn,
  migrateBy,
  rescuedServer,
  serverOf,
  valueOf,
  type RescuedServer,
} from './rescued-server.fixture.ts';

/** From the start of the next process until the migration has ended, one way or the other. */
const RECOVERY_MS = 5000;

/** On compute-b since its first migration; the process that is to die is the only one. */
async function migratedServer(crashPoint: CrashPoint | null) {
  const server = await rescuedServer();
  valueOf(await server.migrate());
  expect(serverOf(server.process, server.instanceId)).toMatchObject({ host: HOST_B, task: null });
  return { server, dying: await server.handOver(crashPoint) };
}

const migrationsOf = ({ views }: WorldProcess, { instanceId }: RescuedServer) =>
  views.migrations.ofInstance(instanceId);

const undisturbed = await migratedServer(null);
await migrateBy(undisturbed.server, undisturbed.dying);
const CALLS = undisturbed.dying.life.calls;
const CRASHES = CALLS.flatMap((name, index) =>
  (['before', 'after'] as const).map((side) => ({ side, call: index + 1, name })),
);

describe('a process that dies while it migrates a rescued server back to where it came from', () => {
  it('could do so at every call of a whole migration', () => {
    expect(CALLS.filter((name) => name === 'append').length).toBeGreaterThanOrEqual(20);
    expect(new Set(CALLS)).toEqual(
      new Set([
        'append',
        'prepareDestination',
        'write',
        'readBack',
        'migrateGuest',
        'confirmSource',
        'adoptAtDestination',
        'clearSource',
      ]),
    );
  });

  it.each(CRASHES)('$side call $call ($name) is followed by one that ends the migration', async ({ side, call }) => {
    const { server, dying } = await migratedServer({ side, call });
    await migrateBy(server, dying);
    expect(dying.life.dead).toBe(true);

    const heir = await server.world.startProcess();
    await server.world.clock.advance(RECOVERY_MS);
    if (migrationsOf(heir, server).length < 2) {
      // It died before the request was recorded, so the caller asks again.
      expect({ side, call }).toEqual({ side: 'before', call: 1 });
      await migrateBy(server, heir);
    }
    const [, back] = migrationsOf(heir, server);
    expect(['completed', 'failed', 'error']).toContain(back?.status);
    expect(heir.errors).toEqual([]);
    // It has the boot it had, and all its files; unrescue then gives the original machine.
    await expectWholeOn(server, back?.status === 'completed' ? HOST_A : HOST_B, heir);
  });
});
