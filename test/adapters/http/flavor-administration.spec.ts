import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { IMAGE } from '../../support/server-stages.ts';

let world: ComputeApiWorld;
beforeAll(() => {
  world = new ComputeApiWorld();
});
afterAll(() => world.close());

const NEWEST = '2.105';
const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, roles = 'admin') =>
  world.call(method, `/v2.1/flavors${path}`, { microversion: NEWEST, roles, ...(body === undefined ? {} : { body }) });
const create = (flavor: object, roles = 'admin') => call('POST', '', { flavor }, roles);
const SMALL = { ram: 64, vcpus: 1, disk: 1 };
const names = async (query: string, roles = 'admin') =>
  (await call('GET', query, undefined, roles)).json().flavors.map(({ name }: { name: string }) => name);

describe('a flavor', () => {
  it('gives its servers disks beside the root', async () => {
    const local = { 'OS-FLV-EXT-DATA:ephemeral': 2, swap: 64 };
    const created = await create({ name: 'large', id: 'large', ...SMALL, ...local });
    expect(created.json().flavor).toMatchObject(local);
    const server = { name: 's', imageRef: IMAGE, flavorRef: 'large', networks: 'none', config_drive: true };
    const { id } = (await world.call('POST', '/v2.1/servers', { body: { server }, microversion: NEWEST })).json()
      .server;
    const shown = (await world.call('GET', `/v2.1/servers/${id}`, { microversion: NEWEST })).json().server;
    expect(shown).toMatchObject({ flavor: { ephemeral: 2, swap: 64 }, config_drive: 'True' });
  });

  it('is created, described, and deleted, and a server of it stays what it is', async () => {
    const created = await create({ name: 'mine', id: 'mine-1', ...SMALL, description: 'one' });
    expect([created.statusCode, created.json().flavor]).toEqual([
      200,
      expect.objectContaining({ id: 'mine-1', name: 'mine', ram: 64, swap: 0, description: 'one', extra_specs: {} }),
    ]);
    const described = await call('PUT', '/mine-1', { flavor: { description: null } });
    expect(described.json().flavor.description).toBeNull();
    const server = { name: 's', imageRef: IMAGE, flavorRef: 'mine-1', networks: 'none' };
    const { id } = (await world.call('POST', '/v2.1/servers', { body: { server }, microversion: NEWEST })).json()
      .server;
    expect((await call('DELETE', '/mine-1')).statusCode).toBe(202);
    expect((await call('GET', '/mine-1')).statusCode).toBe(404);
    expect((await call('DELETE', '/mine-1')).statusCode).toBe(404);
    const shown = (await world.call('GET', `/v2.1/servers/${id}`, { microversion: NEWEST })).json().server;
    expect(shown.flavor.original_name).toBe('mine');
    expect((await create({ name: 'mine', id: 'mine-1', ...SMALL })).statusCode).toBe(200);
  });

  it.each([
    [{ name: 'm1.tiny', ...SMALL }, 409, 'Flavor with name m1.tiny already exists.'],
    [{ name: 'new', id: '1', ...SMALL }, 409, 'Flavor with ID 1 already exists.'],
    [{ name: 'new', ...SMALL, ram: 0 }, 400, '0 is less than the minimum of 1'],
    [{ name: 'new', ...SMALL, ram: 'x' }, 400, 'ram'],
    [{ name: '', ...SMALL }, 400, "'' is too short"],
    [{ ...SMALL }, 400, "'name' is a required property"],
    [{ name: 'new', ...SMALL, swap: -1 }, 400, '-1 is less than the minimum of 0'],
  ])('%j is refused: %s', async (flavor, status, message) => {
    const before = await world.events();
    const response = await create(flavor);
    expect([response.statusCode, response.body]).toEqual([status, expect.stringContaining(message)]);
    expect(await world.events()).toBe(before);
  });

  it('is made by administrators only, and gets an id when none is given', async () => {
    expect((await create({ name: 'no', ...SMALL }, 'manager')).json().forbidden.message).toBe(
      "Policy doesn't allow os_compute_api:os-flavor-manage:create to be performed.",
    );
    expect((await create({ name: 'auto', id: null, ...SMALL })).json().flavor.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('that is not public is for administrators who ask', async () => {
    await create({ name: 'hidden', id: 'hidden', ...SMALL, 'os-flavor-access:is_public': false });
    expect(await names('')).not.toContain('hidden');
    expect(await names('?is_public=False')).toEqual(['hidden']);
    expect(await names('?is_public=None')).toEqual(expect.arrayContaining(['hidden', 'm1.tiny']));
    expect(await names('?is_public=None', 'member')).not.toContain('hidden');
    expect((await call('GET', '/hidden', undefined, 'member')).statusCode).toBe(404);
    expect((await call('GET', '/hidden/os-flavor-access')).json()).toEqual({ flavor_access: [] });
    expect((await call('GET', '/1/os-flavor-access')).statusCode).toBe(404);
  });
});

describe('the list of flavors', () => {
  it('is sorted by what is asked for, and by id when nothing is', async () => {
    await create({ name: 'sort-a', id: 'z-1', ram: 256, vcpus: 2, disk: 1 });
    await create({ name: 'sort-c', id: 'z-0', ram: 128, vcpus: 2, disk: 2 });
    await create({ name: 'sort-b', id: 'z-2', ram: 512, vcpus: 1, disk: 3 });
    const sorted = async (query: string) => (await names(query)).filter((name: string) => name.startsWith('sort-'));
    expect(await sorted('')).toEqual(['sort-c', 'sort-a', 'sort-b']);
    expect(await sorted('?sort_dir=desc')).toEqual(['sort-b', 'sort-a', 'sort-c']);
    expect(await sorted('?sort_key=name')).toEqual(['sort-a', 'sort-b', 'sort-c']);
    expect(await sorted('?sort_key=memory_mb&sort_dir=desc')).toEqual(['sort-b', 'sort-a', 'sort-c']);
    expect(await sorted('?sort_key=root_gb')).toEqual(['sort-a', 'sort-c', 'sort-b']);
  });

  it.each([
    ['?sort_key=nope', "Invalid input for query parameters sort_key. Value: nope. 'nope' is not one of ['created_at',"],
    ['?sort_dir=up', "Invalid input for query parameters sort_dir. Value: up. 'up' is not one of ['asc', 'desc']"],
    ['?minRam=x', 'Invalid minRam filter [x]'],
    ['?minDisk=1.5', 'Invalid minDisk filter [1.5]'],
  ])('is not made for %s', async (query, message) => {
    const answer = await call('GET', query);
    expect([answer.statusCode, answer.json().badRequest?.message]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe('extra specs', () => {
  it('of a configured flavor are changed in the log, over the configuration', async () => {
    const specs = async () => (await call('GET', '/1/os-extra_specs', undefined, 'reader')).json().extra_specs;
    expect((await call('POST', '/1/os-extra_specs', { extra_specs: { 'mine:a': '1' } })).json().extra_specs).toEqual({
      'mine:a': '1',
    });
    expect(await specs()).toEqual({ 'hw:cpu_policy': 'shared', 'mine:a': '1' });
    expect((await call('PUT', '/1/os-extra_specs/mine:a', { 'mine:a': '2' })).json()).toEqual({ 'mine:a': '2' });
    expect((await call('GET', '/1/os-extra_specs/mine:a')).json()).toEqual({ 'mine:a': '2' });
    expect((await call('DELETE', '/1/os-extra_specs/mine:a')).statusCode).toBe(200);
    expect((await call('DELETE', '/1/os-extra_specs/mine:a')).json().itemNotFound.message).toBe(
      'Flavor 1 has no extra specs with key mine:a.',
    );
    expect(await specs()).toEqual({ 'hw:cpu_policy': 'shared' });
    expect((await call('PUT', '/1/os-extra_specs/a', { b: '1' })).json().badRequest.message).toBe(
      'Request body and URI mismatch',
    );
    expect((await call('POST', '/1/os-extra_specs', { extra_specs: { 'a/b': '1' } })).statusCode).toBe(400);
    expect((await call('POST', '/nope/os-extra_specs', { extra_specs: { a: '1' } })).statusCode).toBe(404);
  });
});
