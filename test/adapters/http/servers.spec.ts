import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ComputeApiWorld, QUEUED_IMAGE } from '../../support/compute-api-world.ts';
import { OTHER_PROJECT } from '../../support/role-header-identity.ts';

let world: ComputeApiWorld;
beforeEach(async () => {
  world = new ComputeApiWorld({ linkPrefix: 'https://cloud.example.org/compute/' });
  await world.computeService('source', 74);
});
afterEach(() => world.close());

const get = (url: string, microversion = '2.105', roles = 'admin') =>
  world.call('GET', `/v2.1${url}`, { microversion, roles });
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
    expect((await get('/servers?limit=4')).json()).not.toHaveProperty('servers_links');
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
    expect(await ids('?changes-since=2020-01-01T00:00:00Z&deleted=false')).toEqual([]);
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
    await world.call('POST', `/v2.1/servers/${id}/action`, {
      body: { lock: { locked_reason: 'audit' } },
      microversion: '2.73',
      project: OTHER_PROJECT,
    });
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
  it('answers 200 with the given or a new password, and refuses images that are not there', async () => {
    const given = await world.action(
      await world.serverIn('active'),
      { rescue: { adminPass: 'pw' } },
      '2.105',
      'member',
    );
    expect([given.statusCode, given.json()]).toEqual([200, { adminPass: 'pw' }]);
    const generated = await world.action(await world.serverIn('stopped'), { rescue: null }, '2.1', 'member');
    expect(generated.json().adminPass).toHaveLength(12);
    const unknown = randomUUID();
    const refused = await world.action(
      await world.serverIn('active'),
      { rescue: { rescue_image_ref: unknown } },
      '2.1',
    );
    expect(refused.json().badRequest.message).toBe(`Requested rescue image '${unknown}' is not supported`);
    // Nova's API looks only whether there is such an image; that it has no data is found out by the rescue.
    const queued = await world.action(
      await world.serverIn('active'),
      { rescue: { rescue_image_ref: QUEUED_IMAGE } },
      '2.1',
    );
    expect(queued.statusCode).toBe(200);
    expect((await world.action(await world.serverIn('active'), { rescue: null }, '2.1', 'reader')).statusCode).toBe(
      403,
    );
    world.images.setOutage('glance at 10.0.0.7 is gone');
    const outage = await world.action(await world.serverIn('active'), { rescue: null }, '2.1');
    expect([outage.statusCode, outage.body.includes('10.0.0.7')]).toEqual([503, false]);
  });
});
