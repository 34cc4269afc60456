import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  failAfter,
  failBefore,
  unknownAfter,
  type SimulatedOperation,
} from '../../adapters/simulated/simulated-faults.ts';
import { runnerSubscription } from '../../application/wake-ups.ts';
import { Views } from '../../application/views/views.ts';
import { HOST_A, HOST_B, LIVE_MIGRATE } from '../support/saga-world.ts';
import { expectWholeOn, migrateBy, migrationOf, rescuedServer } from '../application/rescued-server.fixture.ts';

const faulty = fc.record({
  operation: fc.constantFrom<SimulatedOperation[]>(
    'prepareDestination',
    'write',
    'migrateGuest',
    'migrateGuest:prepared',
    'confirmSource',
    'adoptAtDestination',
    'clearSource',
    'clearDestination',
    'restoreSource',
    'remove',
  ),
  fault: fc.constantFrom(failBefore('scripted'), failAfter('scripted'), unknownAfter()),
});
const crash = fc.record({
  call: fc.integer({ min: 1, max: 30 }),
  side: fc.constantFrom('before' as const, 'after' as const),
});

/** Everything that happened to the migration and to its server, without times and without who did it. */
type Told = { readonly phase: string; readonly host: string | null; readonly succeeded: readonly string[] };

describe('P5: a wake-up that is delivered at least once', () => {
  it('ends as one calm delivery does, however often the process dies on the way', async () => {
    const calm = await outcome([], []);
    await fc.assert(
      fc.asyncProperty(fc.array(crash, { minLength: 1, maxLength: 4 }), async (crashes) => {
        const lived = await outcome(crashes, []);
        // A transfer that was cut off by a crash is rolled back; nothing else may differ.
        if (lived.phase === 'rolledBack') expect(lived.host).toBe(HOST_A);
        else expect(lived).toEqual(calm);
      }),
      { numRuns: 25 },
    );
  });

  it('leaves one whole server, whatever fails besides', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(crash, { maxLength: 2 }),
        fc.array(faulty, { minLength: 1, maxLength: 3 }),
        async (crashes, faults) => void (await outcome(crashes, faults)),
      ),
      { numRuns: 40 },
    );
  });
});

describe('P5: copies of one wake-up', () => {
  it('do together what one does, and nothing twice', async () => {
    const calm = await outcome([], []);
    const server = await rescuedServer();
    const { world, process, instanceId } = server;
    const before = await world.history();
    process.stop();
    void process.computeApi.liveMigrate(world.request(), instanceId, LIVE_MIGRATE);
    await world.settled();
    const asked = (await world.history()).slice(before.length);
    const views = new Views();
    await views.rebuild(world.eventStore);
    const { handle } = runnerSubscription({ ...process.dependencies, views }, new AbortController().signal);
    const handled = Promise.all([1, 2, 3].flatMap(() => asked.map(async (event) => handle(event))));
    await world.settled();
    await handled;
    const told = (await world.history()).slice(before.length).map(({ data }) => data);
    const succeeded = told.flatMap((data) => (data.type === 'StepSucceeded' ? [data.result.step] : []));
    expect(succeeded).toEqual(calm.succeeded);
    expect(told.filter(({ type }) => type === 'StepStarted')).toHaveLength(succeeded.length);
    expect(told.filter(({ type }) => type === 'DestinationAdopted' || type === 'LiveMigrationCompleted')).toHaveLength(
      2,
    );
  });

  it('in two processes that know nothing of each other never make two machines of one', async () => {
    const server = await rescuedServer();
    const other = await server.world.startProcess();
    await server.migrate();
    expect(server.world.cloud.mostRunningCopies(server.instanceId)).toBe(1);
    expect(migrationOf(other, server.instanceId).saga).toEqual(migrationOf(server.process, server.instanceId).saga);
  });
});

async function outcome(
  crashes: readonly { readonly call: number; readonly side: 'before' | 'after' }[],
  faults: readonly { readonly operation: SimulatedOperation; readonly fault: Parameters<Faults['next']>[2] }[],
): Promise<Told> {
  const server = await rescuedServer();
  const { world, instanceId } = server;
  for (const { operation, fault } of faults) world.faults.next('*', operation, fault);
  const [first, ...others] = crashes;
  let process = await server.handOver(first ?? null);
  await migrateBy(server, process);
  for (const point of others) {
    process.life.die();
    process = await world.startProcess(point);
    await world.settled();
  }
  process.life.die();
  const last = await world.startProcess();
  await world.settled();
  if (last.views.migrations.ofInstance(instanceId).length === 0) await migrateBy(server, last);
  const { saga, migrationId } = migrationOf(last, instanceId);
  expect(world.cloud.mostRunningCopies(instanceId)).toBe(1);
  expect(last.errors.filter((error) => !isOperatorsBusiness(error))).toEqual([]);
  const history = await world.eventStore.readStream(`migrationSaga-${migrationId}`);
  const succeeded = history.flatMap(({ data }) => (data.type === 'StepSucceeded' ? [data.result.step] : []));
  expect(new Set(succeeded).size).toBe(succeeded.length);
  const host = last.views.servers.find(instanceId)?.host ?? null;
  if (saga.phase === 'completed') await expectWholeOn(server, HOST_B, last);
  if (saga.phase === 'rolledBack') await expectWholeOn(server, HOST_A, last);
  if (saga.phase !== 'completed' && saga.phase !== 'rolledBack') expect(saga.phase).toBe('needsOperator');
  return { phase: saga.phase, host, succeeded };
}

type Faults = Awaited<ReturnType<typeof rescuedServer>>['world']['faults'];

const isOperatorsBusiness = (error: unknown): boolean =>
  JSON.stringify(error).includes('A migration needs an operator.');
