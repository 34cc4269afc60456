import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { READ_EVENTS_MAX } from '../../../application/ports/event-store.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { IMAGE } from '../../support/server-stages.ts';

let world: ComputeApiWorld;
beforeEach(async () => {
  world = new ComputeApiWorld({ linkPrefix: 'https://cloud.example.org/compute/' });
  await world.computeService('source', 74);
});
afterEach(() => world.close());

const get = (url: string, microversion = '2.105', roles = 'admin') =>
  world.call('GET', `/v2.1${url}`, { microversion, roles });
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
    const asked = String(response.headers['x-compute-request-id']);
    const action = await get(`/servers/${server.id}/os-instance-actions/${asked}`);
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
    const recorded = (await world.eventStore.readAll(0, READ_EVENTS_MAX)).map(({ data }) => data);
    const last = recorded.findLast(({ type }) => type === 'InstanceCreateRequested');
    expect(last).toMatchObject({ requestedHost: 'source' });
  });

  it.each([
    ['networks', 'auto'],
    ['networks', [{ uuid: IMAGE }]],
    ['key_name', 'mine'],
    ['block_device_mapping_v2', [{ boot_index: 0 }]],
    ['security_groups', [{ name: 'web' }]],
    ['imageRef', ''],
  ])('refuses %s %j rather than leave it out in silence', async (property, value) => {
    const before = await world.events();
    expect((await create({ ...wanted, [property]: value })).statusCode).toBe(400);
    expect(await world.events()).toBe(before);
  });

  it('with user data, which administrators see from 2.3 on and its guest reads', async () => {
    const { id } = (await create({ ...wanted, user_data: 'I2Nsb3VkLWNvbmZpZwo=' }, '2.105', 'member')).json().server;
    const shown = async (microversion: string, roles = 'admin') =>
      (await get(`/servers/${id}`, microversion, roles)).json().server['OS-EXT-SRV-ATTR:user_data'];
    expect(await shown('2.2')).toBe(undefined);
    expect(await shown('2.3')).toBe('I2Nsb3VkLWNvbmZpZwo=');
    expect(await shown('2.105', 'member')).toBe(undefined);
    const actions = (await get(`/servers/${id}/os-instance-actions`)).json().instanceActions;
    expect(actions.map(({ action }: { action: string }) => action)).toEqual(['create']);
  });

  it.each([
    ['YQ', "Value: YQ. 'YQ' is not a 'base64'"],
    ['not base64', "'not base64' is not a 'base64'"],
    ['A'.repeat(65_536), ' is too long'],
    [null, "Invalid input for field/attribute user_data. Value: None. None is not of type 'string'"],
    [7, "Value: 7. 7 is not of type 'string'"],
  ])('refuses user data that is none: %.20s', async (data, message) => {
    expect((await create({ ...wanted, user_data: data })).json().badRequest.message).toContain(message);
  });

  it.each(['', 'Y Q = =', 'YQ==', 'A'.repeat(65_532)])('takes user data that Python decodes: %.20s', async (data) => {
    expect((await create({ ...wanted, user_data: data })).statusCode).toBe(202);
  });

  it('with everything an owner may write about a server', async () => {
    const more = {
      description: 'front end',
      tags: ['blue', 'blue', 'green'],
      accessIPv4: '192.0.2.7',
      accessIPv6: '2001:db8::7',
      'OS-DCF:diskConfig': 'AUTO',
      hostname: 'web-1',
      availability_zone: 'nova',
    };
    const response = await create({ ...wanted, ...more }, '2.105');
    const { id } = response.json().server;
    expect(response.json().server['OS-DCF:diskConfig']).toBe('AUTO');
    expect((await get(`/servers/${id}`)).json().server).toMatchObject({
      description: 'front end',
      tags: ['blue', 'green'],
      accessIPv4: '192.0.2.7',
      accessIPv6: '2001:db8::7',
      'OS-DCF:diskConfig': 'AUTO',
      'OS-EXT-SRV-ATTR:hostname': 'web-1',
      pinned_availability_zone: 'nova',
    });
  });

  it.each([
    ['2.1', 'the-name'],
    ['2.19', null],
  ])('described at %s by %j when nothing is said', async (microversion, description) => {
    const { networks: _networks, ...below37 } = wanted;
    const { id } = (await create({ ...below37, name: 'the-name' }, microversion)).json().server;
    expect((await get(`/servers/${id}`)).json().server.description).toBe(description);
  });

  it('several at once, numbered, of one reservation', async () => {
    const response = await create({ ...wanted, name: 'web', min_count: 2, max_count: 3, return_reservation_id: true });
    const { reservation_id: reservation } = response.json();
    expect([response.statusCode, response.headers['location']]).toEqual([202, undefined]);
    const { servers } = (await get('/servers/detail')).json();
    const reserved = servers.filter(
      (server: Record<string, unknown>) => server['OS-EXT-SRV-ATTR:reservation_id'] === reservation,
    );
    expect(reserved.map(({ name }: { name: string }) => name)).toEqual(['web-3', 'web-2', 'web-1']);
    expect(reserved.map((server: Record<string, unknown>) => server['OS-EXT-SRV-ATTR:launch_index'])).toEqual([
      2, 1, 0,
    ]);
    const wrong = await create({ ...wanted, min_count: 3, max_count: 2 });
    expect(wrong.json().badRequest.message).toBe('min_count must be <= max_count');
    expect((await create({ ...wanted, max_count: 101 })).statusCode).toBe(400);
  });

  it('takes what asks for nothing', async () => {
    const nothing = { key_name: null, config_drive: false, security_groups: [{ name: 'default' }], tags: [] };
    expect((await create({ ...wanted, ...nothing, 'OS-DCF:diskConfig': 'MANUAL' })).statusCode).toBe(202);
  });

  it('refuses a metadata key that assignment would turn into a prototype', async () => {
    const body = JSON.stringify({ server: { ...wanted, metadata: { key: 'x' } } }).replace('"key"', '"__proto__"');
    expect((await world.call('POST', '/v2.1/servers', { body, microversion: '2.105' })).statusCode).toBe(400);
  });

  it('refuses strange metadata', async () => {
    for (const metadata of [{ '': 'x' }, { a: 1 }, { ['k'.repeat(256)]: 'x' }, [], 'x']) {
      expect((await create({ ...wanted, metadata })).statusCode).toBe(400);
    }
    const tooMany = await create({ ...wanted, metadata: many(129) });
    expect(tooMany.json().forbidden.message).toBe('Maximum number of metadata items exceeds 128');
    expect((await create({ ...wanted, metadata: many(128) })).statusCode).toBe(202);
  });

  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
});
