import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { PROJECT } from '../../support/role-header-identity.ts';

let world: ComputeApiWorld;
let id: string;
beforeAll(async () => {
  world = new ComputeApiWorld();
  await world.computeService('source', 74);
  await world.computeService('other', 74);
  id = await world.serverIn('active');
});
afterAll(() => world.close());

const get = (path: string, microversion = '2.105', roles = 'admin') =>
  world.call('GET', `/v2.1${path}`, { microversion, roles });

describe('limits', () => {
  it('count what the project has, and lose what later microversions took away', async () => {
    const absolute = async (microversion: string) =>
      (await get('/limits', microversion, 'reader')).json().limits.absolute;
    expect(await absolute('2.57')).toMatchObject({ totalInstancesUsed: 1, totalCoresUsed: 1, totalRAMUsed: 64 });
    const gone = async (microversion: string) => {
      const names = Object.keys(await absolute(microversion));
      return ['totalFloatingIpsUsed', 'maxImageMeta', 'maxPersonality'].filter((name) => !names.includes(name));
    };
    expect(await gone('2.35')).toEqual([]);
    expect(await gone('2.38')).toEqual(['totalFloatingIpsUsed']);
    expect(await gone('2.39')).toEqual(['totalFloatingIpsUsed', 'maxImageMeta']);
    expect(await gone('2.57')).toEqual(['totalFloatingIpsUsed', 'maxImageMeta', 'maxPersonality']);
    const other = await get('/limits?tenant_id=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '2.105', 'manager');
    expect(other.json().forbidden.message).toContain('os_compute_api:limits:other_project');
    expect((await get(`/os-quota-sets/${PROJECT}`, '2.105', 'reader')).json().quota_set).toMatchObject({
      key_pairs: 100,
    });
  });
});

describe('hosts, until 2.42,', () => {
  it('are listed, shown, and disabled; their power is nobody’s business here', async () => {
    expect(
      (await get('/os-hosts?zone=nova', '2.42')).json().hosts.map((row: { host_name: string }) => row.host_name),
    ).toEqual(['source', 'other']);
    expect((await get('/os-hosts?zone=xyz', '2.42')).json()).toEqual({ hosts: [] });
    const rows = (await get('/os-hosts/source', '2.42')).json().host;
    expect(rows.map(({ resource }: { resource: { project: string } }) => resource.project)).toEqual([
      '(total)',
      '(used_now)',
      '(used_max)',
      PROJECT,
    ]);
    expect((await get('/os-hosts/nope', '2.42')).json().itemNotFound.message).toBe(
      'Compute host nope could not be found.',
    );
    expect((await get('/os-hosts/source/reboot', '2.42')).statusCode).toBe(501);
    expect((await get('/os-hosts/source/startup', '2.42', 'member')).statusCode).toBe(403);
    expect((await get('/os-hosts', '2.43')).statusCode).toBe(404);
    const put = (body: object) => world.call('PUT', '/v2.1/os-hosts/other', { body, microversion: '2.42' });
    expect((await put({ status: 'disable' })).json()).toEqual({ host: 'other', status: 'disabled' });
    expect((await put({ status: 'enable' })).json()).toEqual({ host: 'other', status: 'enabled' });
    for (const body of [{}, { status: 'maybe' }, { param: 1 }]) expect((await put(body)).statusCode).toBe(400);
  });
});

describe('availability zones and hypervisors', () => {
  it('tell hosts to administrators only', async () => {
    expect((await get('/os-availability-zone', '2.105', 'reader')).json().availabilityZoneInfo[0].hosts).toBeNull();
    expect((await get('/os-availability-zone/detail', '2.105', 'manager')).statusCode).toBe(403);
    const [zone] = (await get('/os-availability-zone/detail')).json().availabilityZoneInfo;
    expect(zone.hosts.source['nova-compute']).toMatchObject({ available: true, active: true });
  });

  it('are searched and summed until their microversions end', async () => {
    expect((await get('/os-hypervisors/sour/search', '2.52')).json().hypervisors).toHaveLength(1);
    const [row] = (await get('/os-hypervisors/sour/servers', '2.52')).json().hypervisors;
    expect(row.servers.map(({ uuid }: { uuid: string }) => uuid)).toEqual([id]);
    expect((await get('/os-hypervisors/nope/search', '2.52')).json().itemNotFound.message).toBe(
      "No hypervisor matching 'nope' could be found.",
    );
    expect((await get('/os-hypervisors/sour/search', '2.53')).statusCode).toBe(404);
    const { hypervisor_statistics: sums } = (await get('/os-hypervisors/statistics', '2.87')).json();
    expect(sums).toMatchObject({ count: 2, running_vms: 1, vcpus_used: 1 });
  });
});

describe('what servers here do not have', () => {
  it.each([
    ['os-interface', { interfaceAttachments: [] }],
    ['os-volume_attachments', { volumeAttachments: [] }],
    ['os-security-groups', { security_groups: [] }],
    ['ips', { addresses: {} }],
    ['os-server-password', { password: '' }],
  ])('%s is empty', async (path, body) => {
    expect((await get(`/servers/${id}/${path}`, '2.105', 'reader')).json()).toEqual(body);
  });

  it.each([
    ['POST', 'os-volume_attachments', { volumeAttachment: { volumeId: '00000000-0000-4000-8000-000000000001' } }, 404],
    ['DELETE', 'os-volume_attachments/x', undefined, 404],
    ['POST', 'os-interface', {}, 400],
    ['POST', 'os-interface', { interfaceAttachment: { port_id: '00000000-0000-4000-8000-000000000001' } }, 404],
    ['DELETE', 'os-interface/x', undefined, 404],
  ] as const)('%s %s %j changes nothing: %s', async (method, path, body, status) => {
    const before = await world.events();
    const asked = { microversion: '2.105', roles: 'member', ...(body === undefined ? {} : { body }) };
    expect((await world.call(method, `/v2.1/servers/${id}/${path}`, asked)).statusCode).toBe(status);
    expect(await world.events()).toBe(before);
  });

  it('external events are heard, each with its own answer', async () => {
    const event = (server: string) => ({ name: 'network-changed', server_uuid: server });
    const post = (events: readonly object[], roles = 'admin') =>
      world.call('POST', '/v2.1/os-server-external-events', { body: { events }, microversion: '2.105', roles });
    const good = await post([event(id)]);
    expect([good.statusCode, good.json().events[0].code]).toEqual([200, 200]);
    const mixed = await post([event(id), event('00000000-0000-4000-8000-000000000001')]);
    expect([mixed.statusCode, mixed.json().events.map(({ code }: { code: number }) => code)]).toEqual([
      207,
      [200, 404],
    ]);
    expect((await post([])).statusCode).toBe(400);
    expect((await post([event(id)], 'member')).statusCode).toBe(403);
  });

  it('extensions name what is served', async () => {
    expect(
      (await get('/extensions', '2.1', 'reader')).json().extensions.map(({ name }: { name: string }) => name),
    ).toContain('Hosts');
    expect((await get('/extensions/os-server-groups')).json().extension.alias).toBe('os-server-groups');
  });
});
