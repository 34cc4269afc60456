import { expect, it } from 'vitest';
import { failBefore, lateEffect } from '../../adapters/simulated/simulated-faults.ts';
import { HOST_A, HOST_B } from '../support/saga-world.ts';
import { expectWholeOn, rescuedServer, serverOf, valueOf } from './rescued-server.fixture.ts';

const LATE_MS = 10_000;

it('a preparation that landed after its undo stands in nobody’s way', async () => {
  const server = await rescuedServer();
  const { world, instanceId, process } = server;
  world.faults.next(HOST_B, 'prepareDestination', lateEffect(LATE_MS));
  valueOf(await server.migrate());
  expect(world.faults.unmet()).toBe(0);
  expect(serverOf(process, instanceId)).toMatchObject({ host: HOST_A, task: null });
  // The directory of the migration that was rolled back; no later one could make it again.
  expect(world.cloud.files(HOST_B, instanceId)).not.toBeNull();

  valueOf(await server.migrate());
  await expectWholeOn(server, HOST_B);
});

it('a destination that cannot be reclaimed is not prepared', async () => {
  const server = await rescuedServer();
  const { world, instanceId, process } = server;
  world.faults.next(HOST_B, 'prepareDestination', lateEffect(LATE_MS));
  valueOf(await server.migrate());
  world.faults.next(HOST_B, 'clearDestination', failBefore('busy'));
  valueOf(await server.migrate());
  expect(process.views.migrations.ofInstance(instanceId).at(-1)).toMatchObject({ status: 'failed', reason: 'busy' });
  expect(serverOf(process, instanceId)).toMatchObject({ host: HOST_A, vmState: 'rescued', task: null });
  expect(world.cloud.runningCopies(instanceId)).toEqual([HOST_A]);
});
