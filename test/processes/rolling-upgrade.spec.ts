import { describe, expect, it } from 'vitest';
import { SIMULATED_IMAGE, SIMULATED_RESCUE_IMAGE } from '../../adapters/simulated/simulated-image-catalogue.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { ComputeClient, RESCUED_MIGRATION } from '../support/compute-client.ts';
import { ProcessWorld } from './process-world.ts';
import { allReady } from './run-process-round.ts';
import type { SupervisedProcess } from './supervised-process.ts';

const DEADLINE_MS = 240_000;
const WITHIN = { deadlineMs: 60_000 };
const OLD = 73;
const NEW = 74;
const UPGRADED = ['host-a', 'host-b'];
const LIVE_MIGRATE = { 'os-migrateLive': { host: null, block_migration: 'auto' } };
const TOO_OLD = 'all nova-compute services must be upgraded';

const clientOf = ({ url }: SupervisedProcess): ComputeClient => new ComputeClient(url ?? 'http://127.0.0.1:1');

async function settled(client: ComputeClient, id: string, status: string): Promise<void> {
  const isSettled = async (): Promise<true | null> => {
    const server = await client.server(id).catch(() => null);
    return server?.status === status && server.taskState === null ? true : null;
  };
  expect(await waitUntil(isSettled, WITHIN), `${id} never came to rest as ${status}`).toBe(true);
}

async function createdServer(client: ComputeClient): Promise<string> {
  const server = { name: 'server', imageRef: SIMULATED_IMAGE, flavorRef: '0', host: null };
  const id = await client.createServer(server);
  await settled(client, id, 'ACTIVE');
  return id;
}

async function rescuedServer(client: ComputeClient): Promise<string> {
  const id = await createdServer(client);
  await client.action(id, { rescue: { rescue_image_ref: SIMULATED_RESCUE_IMAGE } }, RESCUED_MIGRATION);
  await settled(client, id, 'RESCUE');
  return id;
}

const refusalOf = async (client: ComputeClient, id: string): Promise<string | null> => {
  const { status, message } = await client.action(id, LIVE_MIGRATE, RESCUED_MIGRATION);
  return status === 202 ? null : `${status} ${message}`;
};

describe('a fleet that is upgraded host after host', () => {
  it(
    'turns its 409 into 202 in every API process when the last host has reported; an older one does not start again',
    async () => {
      const world = await ProcessWorld.start('sqlite');
      try {
        const apis = [world.api(), world.api()] as const;
        const old = UPGRADED.map((host) => world.compute(host, OLD));
        await allReady(world);
        const rescued = [await rescuedServer(clientOf(apis[0])), await rescuedServer(clientOf(apis[1]))] as const;
        for (const [upgraded, compute] of old.entries()) {
          for (const api of apis) expect(await refusalOf(clientOf(api), rescued[0]), `${upgraded}`).toContain(TOO_OLD);
          const active = await createdServer(clientOf(apis[0]));
          expect(await refusalOf(clientOf(apis[1]), active)).toBeNull();
          await compute.end();
          const newer = world.compute(UPGRADED[upgraded] ?? '', NEW);
          expect(await waitUntil(() => newer.isReady || null, WITHIN), newer.lines.join('\n')).toBe(true);
          await settled(clientOf(apis[1]), active, 'ACTIVE');
        }
        for (const [index, api] of apis.entries()) {
          const id = rescued[index] ?? '';
          const accepted = await waitUntil(
            async () => ((await refusalOf(clientOf(api), id)) === null ? true : null),
            WITHIN,
          );
          expect(accepted).toBe(true);
          await settled(clientOf(api), id, 'RESCUE');
        }
        expect(apis.map(({ starts }) => starts)).toEqual([1, 1]);
        await refusesToStart(world, world.computes.at(-1));
        expect(world.witness.violations).toEqual([]);
      } finally {
        await world.stop();
      }
    },
    DEADLINE_MS,
  );

  it(
    'lets a second process wait for a host, and take it over when the first has died',
    async () => {
      const world = await ProcessWorld.start('sqlite');
      try {
        const first = world.compute('host-a');
        expect(await waitUntil(() => first.isReady || null, WITHIN)).toBe(true);
        const second = world.compute('host-a');
        const waits = () => second.lines.some((line) => line.includes('Another process serves this host')) || null;
        expect(await waitUntil(waits, WITHIN), second.lines.join('\n')).toBe(true);
        expect(second.isReady).toBe(false);
        await first.end();
        expect(await waitUntil(() => second.isReady || null, WITHIN), second.lines.join('\n')).toBe(true);
      } finally {
        await world.stop();
      }
    },
    DEADLINE_MS,
  );
});

async function refusesToStart(world: ProcessWorld, newest: SupervisedProcess | undefined): Promise<void> {
  await newest?.end();
  const older = world.compute('host-b', OLD);
  const said = (): string | null => older.lines.find((line) => line.includes('was downgraded')) ?? null;
  expect(await waitUntil(said, WITHIN), older.lines.join('\n')).toContain('has version 73, and has reported 74 before');
  expect(older.isReady).toBe(false);
}
