import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrationId } from '../../../domain/shared/ids.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { OTHER_PROJECT, PROJECT } from '../../support/role-header-identity.ts';
import { IMAGE } from '../../support/server-stages.ts';

let world: ComputeApiWorld;
beforeEach(async () => {
  world = new ComputeApiWorld({ linkPrefix: 'https://cloud.example.org/compute/' });
  await world.computeService('source', 74);
});
afterEach(() => world.close());

const get = (url: string, microversion = '2.105', roles = 'admin') =>
  world.call('GET', `/v2.1${url}`, { microversion, roles });
describe('instance actions', () => {
  it('tell the reason to administrators only', async () => {
    const id = await world.serverIn('rescuing');
    const at = (await get(`/servers/${id}`)).json().server.updated.replace('Z', '.000Z');
    await world.command(id, {
      type: 'RecordEffectOutcome',
      effectOutcome: { effect: 'captureDefinition', outcome: 'failed', reason: 'secret path', guestAffected: false },
      at,
    });
    const [action] = (await get(`/servers/${id}/os-instance-actions`)).json().instanceActions;
    expect([action.action, action.message]).toEqual(['rescue', 'Error']);
    const url = `/servers/${id}/os-instance-actions/${action.request_id}`;
    const event = async (microversion: string, roles: string) =>
      (await get(url, microversion, roles)).json().instanceAction.events?.[0];
    expect(await event('2.84', 'admin')).toMatchObject({ details: 'secret path', host: 'source', result: 'Error' });
    expect(await event('2.83', 'admin')).not.toHaveProperty('details');
    expect(await event('2.50', 'reader')).toBeUndefined();
    expect(Object.keys(await event('2.105', 'reader')).toSorted()).toEqual(
      ['event', 'finish_time', 'hostId', 'result', 'start_time'].toSorted(),
    );
    expect((await get(url, '2.105', 'reader')).body).not.toContain('secret path');
  });
});

describe('migrations', () => {
  it('in progress are shown with their counters; others only in the list of all', async () => {
    const id = await world.serverIn('migrating');
    const [row] = [...world.views.migrations.all()];
    const migration = row?.migrationId ?? migrationId('');
    expect((await get(`/servers/${id}/migrations`)).json()).toEqual({ migrations: [] });
    expect((await get(`/servers/${id}/migrations/1`)).json().itemNotFound.message).toBe(
      `Live migration 1 for server ${id} is not in progress.`,
    );
    const initiator = row?.initiator;
    if (initiator === undefined || row === undefined) throw new Error('no migration was recorded');
    const at = row.createdAt;
    const data = [
      {
        type: 'MigrationAccepted',
        migrationId: migration,
        instanceId: id,
        source: row.source,
        requestedHost: null,
        blockMigration: 'auto',
        rescued: false,
        initiator,
        at,
      },
      { type: 'StepStarted', step: 'selectDestination', attempt: 1, runner: 'r', at },
      { type: 'StepSucceeded', result: { step: 'selectDestination', destination: row.source, checks: [] }, at },
    ] as const;
    const metadata = { correlationId: 'req-1', causationId: 'req-1', actor: 'test' };
    const events = data.map((event) => ({ id: randomUUID(), data: event, metadata }));
    const written = await world.eventStore.append(`migrationSaga-${migration}`, 'none', events);
    if (written.answer !== 'appended') throw new Error(written.answer);
    await world.views.reached(written.position);
    world.progress.report(migration, {
      memoryTotalBytes: 100,
      memoryProcessedBytes: 60,
      memoryRemainingBytes: 40,
      diskTotalBytes: 0,
      diskProcessedBytes: 0,
      diskRemainingBytes: 0,
    });
    const shown = (await get(`/servers/${id}/migrations/1`, '2.58')).json().migration;
    expect(shown).toMatchObject({ id: 1, status: 'queued', dest_compute: 'source', memory_remaining_bytes: 40 });
    expect(shown).not.toHaveProperty('uuid');
    expect((await get(`/servers/${id}`)).json().server.progress).toBe(60);
    const [listed] = (await get('/os-migrations')).json().migrations;
    expect(listed).toMatchObject({ uuid: migration, migration_type: 'live-migration', old_instance_type_id: 1 });
    expect(listed.links[0].href).toContain(`/servers/${id}/migrations/1`);
  });

  it('are told to a project manager without hosts, for the own project only', async () => {
    await world.serverIn('migrating');
    await world.serverIn('migrating', OTHER_PROJECT);
    expect((await get('/os-migrations', '2.105', 'manager')).statusCode).toBe(403);
    const { migrations } = (await get(`/os-migrations?project_id=${PROJECT}`, '2.105', 'manager')).json();
    expect(migrations).toHaveLength(1);
    expect(migrations[0]).toMatchObject({ source_compute: null, source_node: null });
    expect((await get('/os-migrations')).json().migrations).toHaveLength(2);
  });
});

describe('the fleet', () => {
  it('has numbers below 2.53 and UUIDs from there on', async () => {
    for (const path of ['os-services', 'os-hypervisors/detail']) {
      const key = path.startsWith('os-s') ? 'services' : 'hypervisors';
      expect((await get(`/${path}`, '2.52')).json()[key][0].id).toBe(1);
      const { id } = (await get(`/${path}`, '2.53')).json()[key][0];
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
    }
    const { id } = (await get('/os-hypervisors', '2.53')).json().hypervisors[0];
    expect((await get(`/os-hypervisors/${id}`, '2.88')).json().hypervisor).toMatchObject({ uptime: '' });
    expect((await get('/os-hypervisors/1', '2.28')).json().hypervisor).toMatchObject({ vcpus_used: 0, cpu_info: {} });
  });

  it('keeps a compute service that hosts servers, and deletes another', async () => {
    await world.serverIn('active');
    await world.computeService('empty', 74);
    const { services } = (await get('/os-services', '2.53')).json();
    const remove = (index: number) =>
      world.call('DELETE', `/v2.1/os-services/${services[index].id}`, { microversion: '2.53' });
    expect((await remove(0)).json().conflictingRequest.message).toContain('hosting instances');
    expect((await remove(1)).statusCode).toBe(204);
    expect((await get('/os-services', '2.53')).json().services).toHaveLength(1);
  });

  it('is for administrators', async () => {
    for (const url of ['/os-services', '/os-hypervisors', '/os-hypervisors/detail', '/os-hypervisors/1']) {
      expect((await get(url, '2.1', 'manager')).statusCode).toBe(403);
    }
  });
});

describe('flavors and images', () => {
  it('are found as clients without an image service look for them', async () => {
    expect((await get('/images/sample-active', '2.1')).json()).toEqual({
      itemNotFound: { code: 404, message: 'Image not found.' },
    });
    const { images } = (await get('/images?name=sample-active', '2.1')).json();
    expect(images.map(({ id }: { id: string }) => id)).toEqual([IMAGE]);
    expect((await get(`/images/${IMAGE}`, '2.1')).json().image).toMatchObject({ status: 'ACTIVE', progress: 100 });
    expect((await get('/images/detail', '2.35')).json().images).toHaveLength(2);
    expect((await get('/images', '2.36')).statusCode).toBe(404);
  });

  it('gain fields', async () => {
    expect((await get('/flavors/1', '2.54')).json().flavor).not.toHaveProperty('description');
    expect((await get('/flavors/detail?is_public=None', '2.61')).json().flavors[0]).toMatchObject({
      swap: '',
      extra_specs: { 'hw:cpu_policy': 'shared' },
    });
    expect((await get('/flavors/1', '2.75')).json().flavor.swap).toBe(0);
    expect((await get('/flavors/1/os-extra_specs', '2.1')).json()).toEqual({
      extra_specs: { 'hw:cpu_policy': 'shared' },
    });
  });
});
