import { expect, it } from 'vitest';
import type { EventStore } from '../../application/ports/event-store.ts';
import { HOST_B, LIVE_MIGRATE } from '../support/saga-world.ts';
import { expectWholeOn, rescuedServer } from './rescued-server.fixture.ts';

/** Holds the first append that begins that step, until `release` is called. */
function holdAppend(eventStore: EventStore, step: string) {
  const append = eventStore.append.bind(eventStore);
  const held = Promise.withResolvers<null>();
  let isHeld = false;
  eventStore.append = async (stream, expected, events) => {
    if (!isHeld && events.some(({ data }) => data.type === 'StepStarted' && data.step === step)) {
      isHeld = true;
      await held.promise;
    }
    return append(stream, expected, events);
  };
  return { isHeld: () => isHeld, release: () => held.resolve(null) };
}

it.each(['prepareDestination', 'migrateGuest', 'confirmSource', 'clearSource'])(
  'a driver that was stopped before %s, and wakes up when another has ended the migration, changes nothing',
  async (step) => {
    const server = await rescuedServer();
    const { world, instanceId, process } = server;
    const hold = holdAppend(world.eventStore, step);
    const context = world.request();
    void process.computeApi.liveMigrate(context, instanceId, LIVE_MIGRATE).catch(() => undefined);
    await world.settled();
    expect(hold.isHeld()).toBe(true);
    const other = await world.startProcess();
    await world.settled();
    const before = { effects: world.cloud.effects().length, events: (await world.history()).length };
    hold.release();
    await world.settled();
    expect({ effects: world.cloud.effects().length, events: (await world.history()).length }).toEqual(before);
    const claims = (await world.history()).flatMap(({ data }) => (data.type === 'MigrationClaimed' ? [data] : []));
    expect(claims.map(({ epoch, runner }) => [epoch, runner])).toEqual([
      [1, 'process-1'],
      [2, 'process-2'],
    ]);
    expect([...process.errors, ...other.errors]).toEqual([]);
    process.stop();
    process.life.die();
    await expectWholeOn(server, HOST_B, other);
  },
);
