import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { OTHER_PROJECT, PROJECT } from '../../support/role-header-identity.ts';
import { IMAGE } from '../../support/server-stages.ts';

let world: ComputeApiWorld;
beforeAll(() => {
  world = new ComputeApiWorld();
});
afterAll(() => world.close());

const PATH = '/v2.1/os-server-groups';
const create = (group: object, microversion: string, project = PROJECT) =>
  world.call('POST', PATH, { body: { server_group: group }, microversion, roles: 'member', project });
const show = (id: string, microversion: string, project = PROJECT) =>
  world.call('GET', `${PATH}/${id}`, { microversion, roles: 'member', project });

describe('a server group', () => {
  it('is shown as each microversion knows it', async () => {
    const created = await create({ name: 'g', policy: 'anti-affinity', rules: { max_server_per_host: '3' } }, '2.64');
    const group = created.json().server_group;
    expect([created.statusCode, group]).toEqual([
      200,
      {
        id: group.id,
        name: 'g',
        policy: 'anti-affinity',
        rules: { max_server_per_host: 3 },
        members: [],
        project_id: PROJECT,
        user_id: 'user-member',
      },
    ]);
    const old = { id: group.id, name: 'g', policies: ['anti-affinity'], metadata: {}, members: [] };
    expect((await show(group.id, '2.1')).json().server_group).toEqual(old);
    expect(Object.keys((await show(group.id, '2.13')).json().server_group)).toContain('project_id');
    expect((await show(group.id, '2.64', OTHER_PROJECT)).statusCode).toBe(404);
    expect((await world.call('DELETE', `${PATH}/${group.id}`, { roles: 'member' })).statusCode).toBe(204);
    expect((await show(group.id, '2.1')).json().itemNotFound.message).toBe(
      `Instance group ${group.id} could not be found.`,
    );
  });

  it.each([
    ['2.1', { name: 'g', policies: ['soft-affinity'] }, 'is not one of'],
    ['2.1', { name: 'g', policies: [] }, 'is too short'],
    ['2.15', { name: 'g', policies: ['affinity', 'anti-affinity'] }, 'is too long'],
    ['2.64', { name: 'g', policies: ['affinity'] }, "'policy' is a required property"],
    ['2.64', { name: 'g', policy: 'affinity', rules: { max_server_per_host: 2 } }, 'Only anti-affinity policy'],
    ['2.64', { name: '', policy: 'affinity' }, 'is too short'],
  ])('at %s is not %j', async (microversion, group, message) => {
    const before = await world.events();
    const response = await create(group, microversion);
    expect([response.statusCode, response.json().badRequest.message]).toEqual([400, expect.stringContaining(message)]);
    expect(await world.events()).toBe(before);
  });

  it('has the servers that were created in it, and only those of its project', async () => {
    const { id } = (await create({ name: 'web', policy: 'affinity' }, '2.64')).json().server_group;
    const server = { name: 's', imageRef: IMAGE, flavorRef: '1', networks: 'none' };
    const body = { server, 'os:scheduler_hints': { group: id } };
    const asked = { body, microversion: '2.105', roles: 'member' };
    const created = (await world.call('POST', '/v2.1/servers', asked)).json().server;
    expect((await show(id, '2.64')).json().server_group.members).toEqual([created.id]);
    const shown = (await world.call('GET', `/v2.1/servers/${created.id}`, { microversion: '2.105' })).json().server;
    expect(shown).toMatchObject({ server_groups: [id], scheduler_hints: { group: id } });
    const stranger = await world.call('POST', '/v2.1/servers', { ...asked, project: OTHER_PROJECT });
    expect(stranger.json().badRequest.message).toBe(`Instance group ${id} could not be found.`);
    const many = { ...asked, body: { ...body, server: { ...server, min_count: 10 } } };
    expect((await world.call('POST', '/v2.1/servers', many)).json().forbidden.message).toBe(
      'Quota exceeded, too many servers in group',
    );
  });
});

describe('server groups', () => {
  it('are listed by project, for administrators all of them, and paged', async () => {
    await create({ name: 'other', policy: 'affinity' }, '2.64', OTHER_PROJECT);
    const list = async (query: string, roles: string) =>
      (await world.call('GET', `${PATH}${query}`, { microversion: '2.64', roles })).json().server_groups;
    const own = await list('', 'member');
    expect(await list('?all_projects', 'member')).toEqual(own);
    const all = await list('?all_projects=True', 'admin');
    expect(all).toHaveLength(own.length + 1);
    expect(await list('?all_projects=True&limit=1&offset=1', 'admin')).toEqual(all.slice(1, 2));
    const wrong = await world.call('GET', `${PATH}?offset=x`, { microversion: '2.64' });
    expect(wrong.statusCode).toBe(400);
  });

  it('are at most ten', async () => {
    const project = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
    for (let made = 0; made < 10; made += 1) await create({ name: 'g', policies: ['affinity'] }, '2.1', project);
    const more = await create({ name: 'g', policies: ['affinity'] }, '2.1', project);
    expect(more.json().forbidden.message).toBe('Quota exceeded, too many server groups.');
  });
});
