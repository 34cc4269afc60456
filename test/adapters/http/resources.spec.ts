import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { READ_EVENTS_MAX } from '../../../application/ports/event-store.ts';
import { migrationId } from '../../../domain/shared/ids.ts';
import { ComputeApiWorld, IMAGE, QUEUED_IMAGE } from '../../support/compute-api-world.ts';
import { OTHER_PROJECT, PROJECT } from '../../support/role-header-identity.ts';

let world: ComputeApiWorld;
beforeEach(async () => {
  world = new ComputeApiWorld({ linkPrefix: 'https://cloud.example.org/compute/' });
  await world.computeService('source', 74);
});
afterEach(() => world.close());

const get = async (url: string, microversion = '2.105', roles = 'admin', project = PROJECT) =>
  world.call('GET', `/v2.1${url}`, { microversion, roles, project });
const wanted = { name: 'g', imageRef: IMAGE, flavorRef: '1', networks: 'none' };
const create = (server: object, microversion = '2.105', roles = 'admin') =>
  world.call('POST', '/v2.1/servers', { body: { server }, microversion, roles });

describe('creating a server', () => {
  it('answers 202 with an address, a password told once, and a server that can be read at once', async () => {
    const response = await create({ ...wanted, min_count: 1, max_count: 1, metadata: { a: 'b' } });
    const { server } = response.json();
    expect(response.statusCode).toBe(202);
    expect(response.headers['location']).toBe(`https://cloud.example.org/compute/v2.1/servers/${server.id}`);
    expect(server.adminPass).toMatch(/^[2-9A-Za-z]{12}$/);
    const shown = (await get(`/servers/${server.id}`)).json().server;
    expect([shown.status, shown.metadata, shown['OS-EXT-STS:task_state']]).toEqual(['BUILD', { a: 'b' }, 'scheduling']);
    const written = JSON.stringify(await world.eventStore.readAll(0, READ_EVENTS_MAX));
    expect(written).not.toContain(server.adminPass);
    const action = await get(`/servers/${server.id}/os-instance-actions/${response.headers['x-compute-request-id']}`);
    expect(action.json().instanceAction.action).toBe('create');
  });

  it.each([
    ['availability_zone', 'nova:source', '2.1'],
    ['host', 'source', '2.74'],
    ['hypervisor_hostname', 'source', '2.74'],
  ])('on a host of the administrator’s choice, by %s', async (property, value, microversion) => {
    const { networks, ...below37 } = wanted;
    const server = { ...(microversion === '2.1' ? below37 : { ...wanted, networks }), [property]: value };
    expect((await create(server, microversion)).statusCode).toBe(202);
    const refused = await create(server, microversion, 'member');
    expect(refused.statusCode).toBe(403);
    const elsewhere = await create({ ...server, [property]: value.replace('source', 'nowhere') }, microversion);
    expect(elsewhere.json().badRequest.message).toBe('Compute host nowhere could not be found.');
    const last = (await world.eventStore.readAll(0, READ_EVENTS_MAX)).at(-1)?.data;
    expect(last).toMatchObject({ type: 'InstanceCreateRequested', requestedHost: 'source' });
  });

  it.each([
    ['networks', 'auto'],
    ['networks', [{ uuid: IMAGE }]],
    ['user_data', 'eA=='],
    ['key_name', 'mine'],
    ['block_device_mapping_v2', [{ boot_index: 0 }]],
    ['security_groups', [{ name: 'web' }]],
    ['config_drive', true],
    ['description', 'text'],
    ['min_count', 2],
    ['imageRef', ''],
  ])('refuses %s %j rather than leave it out in silence', async (property, value) => {
    const before = await world.events();
    expect((await create({ ...wanted, [property]: value })).statusCode).toBe(400);
    expect(await world.events()).toBe(before);
  });

  it('takes what asks for nothing', async () => {
    const nothing = { key_name: null, config_drive: false, security_groups: [{ name: 'default' }], tags: [] };
    expect((await create({ ...wanted, ...nothing, 'OS-DCF:diskConfig': 'MANUAL' })).statusCode).toBe(202);
  });

  it('refuses strange metadata', async () => {
    for (const metadata of [{ '': 'x' }, { a: 1 }, { ['k'.repeat(256)]: 'x' }, [], 'x', many(129)]) {
      expect((await create({ ...wanted, metadata })).statusCode).toBe(400);
    }
    expect((await create({ ...wanted, metadata: many(128) })).statusCode).toBe(202);
  });

  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
});

/** Which microversion brings which field of a server, besides what is there from the beginning (nova.md G.3). */
const FIELDS_SINCE: readonly (readonly [string, string, string])[] = [
  ['2.8', '2.9', 'locked'],
  ['2.15', '2.16', 'host_status'],
  ['2.18', '2.19', 'description'],
  ['2.25', '2.26', 'tags'],
  ['2.62', '2.63', 'trusted_image_certificates'],
  ['2.70', '2.71', 'server_groups'],
  ['2.72', '2.73', 'locked_reason'],
  ['2.95', '2.96', 'pinned_availability_zone'],
  ['2.99', '2.100', 'scheduler_hints'],
  ['2.2', '2.3', 'OS-EXT-SRV-ATTR:kernel_id'],
];

describe('a server', () => {
  it.each(FIELDS_SINCE)('between %s and %s gains %s', async (before, since, field) => {
    const id = await world.serverIn('active');
    expect((await get(`/servers/${id}`, before)).json().server).not.toHaveProperty([field]);
    expect((await get(`/servers/${id}`, since)).json().server).toHaveProperty([field]);
  });

  it('tells its owner no host, only that it changed', async () => {
    const id = await world.serverIn('active');
    const { server } = (await get(`/servers/${id}`, '2.105', 'reader')).json();
    expect(JSON.stringify(server)).not.toContain('source');
    expect(server.hostId).toMatch(/^[0-9a-f]{56}$/);
    expect(Object.keys(server).filter((key) => key.startsWith('OS-EXT-SRV-ATTR'))).toEqual([
      'OS-EXT-SRV-ATTR:hostname',
    ]);
  });

  it('embeds its flavor since 2.47', async () => {
    const id = await world.serverIn('active');
    expect((await get(`/servers/${id}`, '2.46')).json().server.flavor.id).toBe('1');
    expect((await get(`/servers/${id}`, '2.47')).json().server.flavor).toMatchObject({ original_name: 'm1.tiny' });
  });

  it('is 404 for strangers and after its deletion', async () => {
    const foreign = await world.serverIn('active', OTHER_PROJECT);
    expect((await get(`/servers/${foreign}`, '2.105', 'manager')).statusCode).toBe(404);
    expect((await get(`/servers/${foreign}`)).statusCode).toBe(200);
    const deleted = await world.serverIn('deleted');
    expect((await get(`/servers/${deleted}`)).statusCode).toBe(404);
    expect((await get(`/servers/${deleted}/os-instance-actions`, '2.20')).statusCode).toBe(404);
    expect((await get(`/servers/${deleted}/os-instance-actions`, '2.21')).statusCode).toBe(200);
  });

  it('is deleted by 204 and then is deleting; a lock stops the owner', async () => {
    const id = await world.serverIn('active');
    await world.action(id, { lock: null }, '2.1');
    const url = `/v2.1/servers/${id}`;
    const refused = await world.call('DELETE', url, { roles: 'member' });
    expect([refused.statusCode, refused.json().conflictingRequest.message]).toEqual([409, `Instance ${id} is locked`]);
    expect((await world.call('DELETE', url, { roles: 'reader' })).statusCode).toBe(403);
    expect((await world.call('DELETE', url)).statusCode).toBe(204);
    expect((await get(`/servers/${id}`)).json().server['OS-EXT-STS:task_state']).toBe('deleting');
  });
});

describe('lists of servers', () => {
  const ids = async (query: string, roles = 'admin', microversion = '2.105'): Promise<readonly string[]> => {
    const response = await get(`/servers${query}`, microversion, roles);
    return response.json().servers.map(({ id }: { id: string }) => id);
  };

  it('hold the own project, newest first; all of them only for administrators who ask', async () => {
    const older = await world.serverIn('active');
    const foreign = await world.serverIn('active', OTHER_PROJECT);
    const newer = await world.serverIn('rescued');
    expect(await ids('')).toEqual([newer, older]);
    expect(await ids('?all_tenants=True')).toEqual([newer, foreign, older]);
    expect((await get('/servers?all_tenants=1', '2.105', 'member')).statusCode).toBe(403);
    expect(await ids('?host=source', 'member')).toEqual([newer, older]);
    expect(await ids('?host=elsewhere')).toEqual([]);
  });

  it('can be read in pages that meet', async () => {
    const all = [
      await world.serverIn('active'),
      await world.serverIn('active'),
      await world.serverIn('active'),
    ].toReversed();
    const first = (await get('/servers?limit=2')).json();
    expect(first.servers.map(({ id }: { id: string }) => id)).toEqual(all.slice(0, 2));
    expect(first.servers_links[0].href).toBe(`https://cloud.example.org/compute/v2.1/servers?limit=2&marker=${all[1]}`);
    expect(await ids(`?limit=2&marker=${all[1]}`)).toEqual(all.slice(2));
    expect(await ids('?limit=0')).toEqual([]);
    expect(await ids('?limit=99999999999')).toEqual(all);
  });

  it('find a rescued server by RESCUE in every task, and never by MIGRATING', async () => {
    await world.computeService('target', 74);
    const migrating = await world.serverIn('rescued');
    await world.action(migrating, { 'os-migrateLive': { host: null, block_migration: 'auto' } }, '2.105');
    const active = await world.serverIn('migrating');
    expect(await ids('?status=rescue')).toEqual([migrating]);
    expect(await ids('?status=MIGRATING')).toEqual([active]);
    expect(await ids('?status=ACTIVE')).toEqual([active]);
    expect(await ids('?status=nosuch', 'admin', '2.37')).toEqual([]);
  });

  it('show deleted servers to administrators who ask, and to those who ask what changed', async () => {
    const deleted = await world.serverIn('deleted');
    expect(await ids('')).toEqual([]);
    expect(await ids('?deleted=true')).toEqual([deleted]);
    expect(await ids('?deleted=true', 'member')).toEqual([]);
    expect(await ids('?changes-since=2020-01-01T00:00:00Z')).toEqual([deleted]);
    expect(await ids('?changes-since=2999-01-01T00:00:00Z')).toEqual([]);
  });

  it('treat a name as text, also one that is a ruinous pattern', async () => {
    const id = await world.serverIn('active');
    expect(await ids('?name=%5Eg')).toEqual([id]);
    expect(await ids(`?name=${encodeURIComponent('^(a+)+$')}`)).toEqual([]);
  });
});

describe('locks', () => {
  it('of an administrator of another project are not the owner’s to take over or to open', async () => {
    const id = await world.serverIn('active');
    await world.action(id, { lock: { locked_reason: 'audit' } }, '2.73', 'admin', OTHER_PROJECT);
    await world.action(id, { lock: { locked_reason: 'mine' } }, '2.73', 'member');
    const refused = await world.action(id, { unlock: null }, '2.73', 'member');
    expect(refused.json().forbidden.message).toBe(
      `Policy doesn't allow os_compute_api:os-lock-server:unlock:unlock_override to be performed.`,
    );
    expect((await get(`/servers/${id}`)).json().server.locked_reason).toBe('audit');
    expect((await world.action(id, { unlock: null }, '2.73')).statusCode).toBe(202);
    await world.action(id, { lock: null }, '2.73', 'member');
    expect((await world.action(id, { unlock: null }, '2.73', 'member')).statusCode).toBe(202);
  });
});

describe('rescue', () => {
  it('answers 200 with the given or a new password, and refuses images that cannot be booted', async () => {
    const given = await world.action(
      await world.serverIn('active'),
      { rescue: { adminPass: 'pw' } },
      '2.105',
      'member',
    );
    expect([given.statusCode, given.json()]).toEqual([200, { adminPass: 'pw' }]);
    const generated = await world.action(await world.serverIn('stopped'), { rescue: null }, '2.1', 'member');
    expect(generated.json().adminPass).toHaveLength(12);
    for (const image of [QUEUED_IMAGE, randomUUID()]) {
      const refused = await world.action(
        await world.serverIn('active'),
        { rescue: { rescue_image_ref: image } },
        '2.1',
      );
      expect(refused.json().badRequest.message).toBe(`Requested rescue image '${image}' is not supported`);
    }
    expect((await world.action(await world.serverIn('active'), { rescue: null }, '2.1', 'reader')).statusCode).toBe(
      403,
    );
    world.images.setOutage('glance at 10.0.0.7 is gone');
    const outage = await world.action(await world.serverIn('active'), { rescue: null }, '2.1');
    expect([outage.statusCode, outage.body.includes('10.0.0.7')]).toEqual([503, false]);
  });
});

describe('instance actions', () => {
  it('tell the reason to administrators only', async () => {
    const id = await world.serverIn('rescuing');
    const at = (await get(`/servers/${id}`)).json().server.updated;
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
