import { expect } from 'vitest';
import type { Answer } from '../../application/compute-api-answer.ts';
import type { ServerRow } from '../../application/views/servers-view.ts';
import type { HostName, InstanceId } from '../../domain/shared/ids.ts';
import type { CrashPoint } from '../support/crashing-event-store.ts';
import { HOST_A, HOST_B, IMAGES, LIVE_MIGRATE, SagaWorld, type WorldProcess } from '../support/saga-world.ts';

export function valueOf<Value>(answer: Answer<Value>): Value {
  if (!answer.accepted) throw new Error(`refused: ${JSON.stringify(answer.refusal)}`);
  return answer.value;
}

/** A rescued server on compute-a, and the process that made it. */
export async function rescuedServer(hosts: readonly HostName[] = [HOST_A, HOST_B]) {
  const world = new SagaWorld(hosts);
  const process = await world.startProcess();
  await world.registerHosts(process);
  const wanted = { name: 'server', imageId: IMAGES.stock, flavorId: '1', requestedHost: HOST_A, metadata: {} };
  const { instanceId } = valueOf(await process.computeApi.createServer(world.request(), wanted));
  await world.settled();
  valueOf(await process.computeApi.rescue(world.request(), instanceId, IMAGES.rescue));
  await world.settled();
  expect(serverOf(process, instanceId)).toMatchObject({ vmState: 'rescued', task: null, host: HOST_A });
  const { bootId } = world.cloud.guest(HOST_A, instanceId) ?? { bootId: null };
  return {
    world,
    process,
    instanceId,
    bootId,
    filesBefore: world.cloud.files(HOST_A, instanceId),
    migrate: async (requestedHost: HostName | null = null, by: WorldProcess = process) => {
      const answer = await by.computeApi.liveMigrate(world.request(), instanceId, { ...LIVE_MIGRATE, requestedHost });
      await world.settled();
      return answer;
    },
    /** The first process goes, a second one takes over, and dies at `crashPoint`. */
    handOver: async (crashPoint: CrashPoint | null): Promise<WorldProcess> => {
      process.stop();
      process.life.die();
      return world.startProcess(crashPoint);
    },
  };
}

export type RescuedServer = Awaited<ReturnType<typeof rescuedServer>>;

export function serverOf({ views }: WorldProcess, instanceId: InstanceId): ServerRow {
  const row = views.servers.find(instanceId);
  if (row === null) throw new Error(`there is no server ${instanceId}`);
  return row;
}

/** The only migration of the server. */
export function migrationOf({ views }: WorldProcess, instanceId: InstanceId) {
  const [row, ...more] = views.migrations.ofInstance(instanceId);
  if (row === undefined || more.length > 0) throw new Error('expected one migration');
  return row;
}

/** Rescued, idle, running on `host` and nowhere else, with all its files there and none elsewhere; and then unrescued. */
export async function expectWholeOn(server: RescuedServer, host: HostName, by: WorldProcess = server.process) {
  const { world, instanceId, bootId, filesBefore } = server;
  expect(serverOf(by, instanceId)).toMatchObject({ vmState: 'rescued', task: null, migration: null, host });
  expect(world.cloud.guest(host, instanceId)).toMatchObject({ state: 'running', incoming: false, bootId });
  expect(world.cloud.guest(host, instanceId)?.outgoing).toBeNull();
  const others = world.cloud.hosts().filter((other) => other !== host);
  for (const other of others) {
    expect(world.cloud.guest(other, instanceId)).toBeNull();
    expect(world.cloud.files(other, instanceId)).toBeNull();
  }
  expect(world.cloud.files(host, instanceId)).toEqual(filesBefore);
  expect(world.cloud.mostRunningCopies(instanceId)).toBe(1);
  await expectUnrescueOn(server, host, by);
}

export async function expectUnrescueOn({ world, instanceId }: RescuedServer, host: HostName, by: WorldProcess) {
  valueOf(await by.computeApi.unrescue(world.request(), instanceId));
  await world.settled();
  expect(serverOf(by, instanceId)).toMatchObject({ vmState: 'active', task: null, host, rescue: null });
  expect(world.cloud.guest(host, instanceId)).toMatchObject({ state: 'running', bootedFrom: 'disk' });
  expect(world.cloud.runningCopies(instanceId)).toEqual([host]);
  expect([...(world.cloud.files(host, instanceId)?.keys() ?? [])].toSorted()).toEqual(['disk', 'kernel', 'ramdisk']);
}

/** What a migration that goes well changes, call by call. */
export async function callsOfOneMigration(): Promise<readonly string[]> {
  const server = await rescuedServer();
  const process = await server.handOver(null);
  await migrateBy(server, process);
  return process.life.calls;
}

/** A caller whose process dies gets no answer, so none is awaited. */
export async function migrateBy({ world, instanceId }: RescuedServer, process: WorldProcess): Promise<void> {
  void process.computeApi.liveMigrate(world.request(), instanceId, LIVE_MIGRATE);
  await world.settled();
}
