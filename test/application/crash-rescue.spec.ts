import { describe, expect, it } from 'vitest';
import type { ComputeApi } from '../../application/compute-api.ts';
import type { CrashPoint } from '../support/crashing-event-store.ts';
import { HOST_A, IMAGES, type WorldProcess } from '../support/saga-world.ts';
import { rescuedServer, serverOf, valueOf, type RescuedServer } from './rescued-server.fixture.ts';

/** From the start of the next process until everything is as it was asked for. */
const RECOVERY_MS = 5000;
const SIDES = ['before', 'after'] as const;

type Case = {
  /** The state in which it is asked. */
  readonly before: 'active' | 'rescued';
  readonly ask: (api: ComputeApi, server: RescuedServer) => Promise<unknown>;
  readonly after: 'active' | 'rescued';
  readonly effects: readonly string[];
};

const CASES: Readonly<Record<string, Case>> = {
  rescue: {
    before: 'active',
    ask: (api, { world, instanceId }) => api.rescue(world.request(), instanceId, IMAGES.rescue),
    after: 'rescued',
    effects: ['append', 'append', 'rescue', 'append'],
  },
  unrescue: {
    before: 'rescued',
    ask: (api, { world, instanceId }) => api.unrescue(world.request(), instanceId),
    after: 'active',
    effects: ['append', 'unrescue', 'append'],
  },
};

const DISK = { active: 'disk', rescued: 'disk.rescue' } as const;
const FILES = {
  active: ['disk', 'kernel', 'ramdisk'],
  rescued: ['disk', 'disk.rescue', 'kernel', 'kernel.rescue', 'ramdisk', 'ramdisk.rescue', 'unrescue.xml'],
} as const;

/** A server in the state in which the case begins; the process that is to die is the only one. */
async function serverBefore({ before }: Case, crashPoint: CrashPoint | null) {
  const server = await rescuedServer();
  const { world, instanceId, process } = server;
  if (before === 'active') valueOf(await process.computeApi.unrescue(world.request(), instanceId));
  await world.settled();
  const dying = await server.handOver(crashPoint);
  return { server, dying, bootsBefore: boots(server) };
}

function boots({ world, instanceId }: RescuedServer): number {
  return world.cloud.effects().filter((effect) => effect.effect === 'guestBooted' && effect.instanceId === instanceId)
    .length;
}

async function askAndSettle(asked: Case, server: RescuedServer, process: WorldProcess): Promise<void> {
  // A caller whose process dies gets no answer, so none is awaited.
  void asked.ask(process.computeApi, server);
  await server.world.settled();
}

function expectDone({ after }: Case, server: RescuedServer, by: WorldProcess): void {
  const { world, instanceId } = server;
  expect(serverOf(by, instanceId)).toMatchObject({ vmState: after, task: null, host: HOST_A });
  expect(world.cloud.guest(HOST_A, instanceId)).toMatchObject({ state: 'running', bootedFrom: DISK[after] });
  expect([...(world.cloud.files(HOST_A, instanceId)?.keys() ?? [])].toSorted()).toEqual(FILES[after]);
  expect(world.cloud.mostRunningCopies(instanceId)).toBe(1);
}

describe.each(Object.entries(CASES))('a process that dies while it carries out a %s', (_name, asked) => {
  const points = asked.effects.flatMap((effect, index) => SIDES.map((side) => ({ side, call: index + 1, effect })));

  it('could do so at these calls', async () => {
    const { server, dying } = await serverBefore(asked, null);
    await askAndSettle(asked, server, dying);
    expect(dying.life.calls).toEqual(asked.effects);
    expectDone(asked, server, dying);
  });

  it.each(points)(
    '$side call $call ($effect) is followed by one that ends it, and boots once',
    async ({ side, call }) => {
      const { server, dying, bootsBefore } = await serverBefore(asked, { side, call });
      await askAndSettle(asked, server, dying);
      expect(dying.life.dead).toBe(true);

      const heir = await server.world.startProcess();
      await server.world.clock.advance(RECOVERY_MS);
      const asksAgain = serverOf(heir, server.instanceId).vmState === asked.before;
      // It died before the request was recorded, so the caller asks again.
      expect(asksAgain).toBe(call === 1 && side === 'before');
      if (asksAgain) await askAndSettle(asked, server, heir);
      expectDone(asked, server, heir);
      expect(boots(server) - bootsBefore).toBe(1);
      expect(heir.errors).toEqual([]);
    },
  );

  it('does not hurt, however often it dies', async () => {
    const { server, dying, bootsBefore } = await serverBefore(asked, { side: 'after', call: 1 });
    await askAndSettle(asked, server, dying);
    for (let deaths = 0; deaths < asked.effects.length; deaths += 1) {
      const next = await server.world.startProcess({ side: 'after', call: 1 });
      await server.world.settled();
      next.life.die();
    }
    const heir = await server.world.startProcess();
    await server.world.clock.advance(RECOVERY_MS);
    expectDone(asked, server, heir);
    expect(boots(server) - bootsBefore).toBe(1);
  });
});
