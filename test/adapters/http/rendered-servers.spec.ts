import { describe, expect, onTestFinished, test } from 'vitest';
import { RenderedServers } from '../../../adapters/http/rendered-servers.ts';
import { instant, migrationId } from '../../../domain/shared/ids.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';

const AT = instant('2026-11-23T08:00:00.000Z');
const BYTES_MAX = 4000;
const EVERY_CHANGE_OF_FIELDS = ['2.1', '2.3', '2.9', '2.16', '2.19', '2.26', '2.47', '2.73', '2.90', '2.98', '2.105'];

function open(): ComputeApiWorld {
  const world = new ComputeApiWorld();
  onTestFinished(() => world.close());
  return world;
}

/** The first server of the list, which must say what the server itself says when it is asked for alone. */
async function listedAndAlone(world: ComputeApiWorld, id: string, asked: Parameters<ComputeApiWorld['call']>[2]) {
  const list = await world.call('GET', '/v2.1/servers/detail', asked);
  const alone = await world.call('GET', `/v2.1/servers/${id}`, asked);
  const { server_groups: _onlyAlone, ...server } = alone.json().server;
  return { listed: list.json().servers[0], alone: server };
}

describe('servers in a list that was asked for before', () => {
  test.each(EVERY_CHANGE_OF_FIELDS)('have the fields of %s, whatever was asked for before', async (microversion) => {
    const world = open();
    await world.computeService('source', 74);
    const id = await world.serverIn('active');
    for (const other of [...EVERY_CHANGE_OF_FIELDS, microversion]) {
      for (const roles of ['reader', 'admin']) {
        const { listed, alone } = await listedAndAlone(world, id, { microversion: other, roles });
        expect(listed).toEqual(alone);
      }
    }
  });

  test('tell each change of the server and of its host', async () => {
    const world = open();
    const id = await world.serverIn('active');
    const status = async () => (await listedAndAlone(world, id, { microversion: '2.105' })).listed;
    expect(await status()).toMatchObject({ locked: false, host_status: 'UNKNOWN' });
    await world.action(id, { lock: null }, '2.1');
    expect(await status()).toMatchObject({ locked: true, host_status: 'UNKNOWN' });
    await world.computeService('source', 74);
    expect(await status()).toMatchObject({ host_status: 'UP' });
    await world.commandService('source', { type: 'DisableComputeService', disabledReason: null, at: AT });
    expect(await status()).toMatchObject({ host_status: 'MAINTENANCE' });
  });

  test('tell how far a migration is', async () => {
    const world = open();
    const id = await world.serverIn('migrating');
    const migration = [...world.views.servers.all()][0]?.migration ?? migrationId('none');
    const progress = async () => (await listedAndAlone(world, id, { microversion: '2.105' })).listed.progress;
    expect(await progress()).toBe(0);
    const counters = { memoryProcessedBytes: 0, diskTotalBytes: 0, diskProcessedBytes: 0, diskRemainingBytes: 0 };
    world.progress.report(migration, { memoryTotalBytes: 100, memoryRemainingBytes: 25, ...counters });
    expect(await progress()).toBe(75);
  });

  test('have the links that this client used', async () => {
    const world = open();
    const id = await world.serverIn('active');
    for (const host of ['one.example', 'two.example']) {
      const { listed, alone } = await listedAndAlone(world, id, { headers: { host } });
      expect(listed).toEqual(alone);
      expect(JSON.stringify(listed)).toContain(`http://${host}/v2.1/servers/`);
    }
  });
});

test('no more is kept than allowed, and each answer is that of its own row', async () => {
  const world = open();
  for (let count = 0; count < 3; count += 1) await world.serverIn('active');
  const rows = [...world.views.servers.all()];
  const rendered = new RenderedServers(BYTES_MAX);
  const changing = { hostStatus: 'UP', hypervisorHostname: 'a', extraSpecs: {}, progress: 0 };
  for (const variant of ['one', 'two', 'one', 'three']) {
    const render = rendered.variant(variant);
    for (const row of rows) {
      const json = { id: row.instanceId, variant, text: 'x'.repeat(BYTES_MAX / 4) };
      expect(JSON.parse(render(row, changing, () => json).toString())).toEqual(json);
      expect(rendered.bytes).toBeLessThanOrEqual(BYTES_MAX);
    }
    expect(rendered.bytes).toBeGreaterThan(0);
  }
});

test('what has not changed is not made again', async () => {
  const world = open();
  await world.serverIn('active');
  const rows = [...world.views.servers.all()];
  const changing = { hostStatus: 'UP', hypervisorHostname: 'a', extraSpecs: {}, progress: 0 };
  const rendered = new RenderedServers();
  let made = 0;
  for (const asked of [changing, changing, { ...changing, progress: 1 }]) {
    for (const row of rows) rendered.variant('one')(row, asked, () => ({ made: (made += 1) }));
  }
  expect(made).toBe(2);
});
