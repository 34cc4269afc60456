import { expect, it } from 'vitest';
import { MemoryLatestValues } from '../../adapters/event-store/memory-latest-values.ts';
import { ComputeHosts } from '../../application/compute-hosts.ts';
import { FleetWatch } from '../../application/fleet-watch.ts';
import { MigrationProgressBoard } from '../../application/migration-progress-board.ts';
import { HOST_A, HOST_B, LIVE_MIGRATE } from '../support/saga-world.ts';
import { soleProcess } from '../support/sole-process.ts';
import { migrationOf, rescuedServer, valueOf } from './rescued-server.fixture.ts';

const COUNTERS = {
  memoryTotalBytes: 10,
  memoryProcessedBytes: 4,
  memoryRemainingBytes: 6,
  diskTotalBytes: 1,
  diskProcessedBytes: 1,
  diskRemainingBytes: 0,
};

/** A process without hosts of its own, beside the one that drives; `gone` are those that may not act any more. */
async function apiBeside() {
  const server = await rescuedServer();
  const values = new MemoryLatestValues();
  const hosts = new ComputeHosts([]);
  const progress = new MigrationProgressBoard();
  const gone = new Set<string>();
  const lease = { ...soleProcess('api'), isGone: async (runner: string) => gone.has(runner) };
  const { dependencies, computeApi } = server.process;
  const watch = new FleetWatch({ ...dependencies, computeApi, hosts, values, lease, progress, intervalMs: 1000 });
  const facts = dependencies.hosts.facts(HOST_A);
  const value = { runner: 'process-1', facts, movesCold: true, storesImages: false };
  for (const host of [HOST_A, HOST_B]) await values.write(`host-${host}`, value, null);
  return { server, values, hosts, progress, gone, watch, facts };
}

it('knows of hosts that others serve what they say, and says that they are down when nobody serves them any more', async () => {
  const { server, hosts, gone, watch, facts } = await apiBeside();
  const { views } = server.process;
  await watch.look();
  expect(hosts.facts(HOST_A)).toEqual(facts);
  expect(hosts.abilities(HOST_A)).toEqual({ movesCold: true, storesImages: false });
  expect(views.computeServices.find(HOST_A)?.up).toBe(true);
  gone.add('process-1');
  await watch.look();
  expect([HOST_A, HOST_B].map((host) => views.computeServices.find(host)?.up)).toEqual([false, false]);
  const before = (await server.world.history()).length;
  await watch.look();
  expect(await server.world.history()).toHaveLength(before);
});

it('shows how far a copy has come that another process drives, until it has ended', async () => {
  const { server, values, progress, watch } = await apiBeside();
  const { world, process, instanceId } = server;
  valueOf(await process.computeApi.liveMigrate(world.request(), instanceId, LIVE_MIGRATE));
  await world.clock.advance(200);
  const { migrationId } = migrationOf(process, instanceId);
  const running = {
    state: 'running',
    identity: null,
    description: 'one',
    progress: { [migrationId]: COUNTERS },
  } as const;
  await values.write('process-process-1', running, null);
  await watch.look();
  expect(progress.of(migrationId)).toEqual(COUNTERS);
  expect(progress.own()).toEqual({});
  await world.settled();
  await watch.look();
  expect(progress.of(migrationId)).toBeNull();
});
