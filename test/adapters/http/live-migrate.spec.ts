import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { OTHER_PROJECT } from '../../support/role-header-identity.ts';
import type { Stage } from '../../support/server-stages.ts';

const AUTO = { 'os-migrateLive': { host: null, block_migration: 'auto' } };
const onto = (host: string) => ({ 'os-migrateLive': { host, block_migration: 'auto' } });
const TOO_OLD = 'Live migration of rescued instances is not yet supported: all nova-compute services must be upgraded.';

let world: ComputeApiWorld;
beforeEach(() => {
  world = new ComputeApiWorld();
});
afterEach(() => world.close());

/** Two hosts: the newest version, and `version`. */
async function fleet(version: number): Promise<void> {
  await world.computeService('source', 74);
  await world.computeService('target', version);
}

const vmState = (state: string) => (id: string) =>
  `Cannot 'os-migrateLive' instance ${id} while it is in vm_state ${state}`;
const taskState = (state: string) => (id: string) =>
  `Cannot 'os-migrateLive' instance ${id} while it is in task_state ${state}`;
const tooOld = () => TOO_OLD;

async function refusedWith(
  expected: { readonly status: number; readonly message: string },
  call: () => ReturnType<ComputeApiWorld['action']>,
): Promise<void> {
  const before = await world.events();
  const response = await call();
  const [fault] = Object.values<{ code: number; message: string }>(response.json());
  expect({ status: response.statusCode, code: fault?.code, message: fault?.message }).toEqual({
    status: expected.status,
    code: expected.status,
    message: expected.message,
  });
  expect(await world.events()).toBe(before);
}

describe('os-migrateLive of a rescued server', () => {
  it('is refused at 2.104, admitted at 2.105 and shown as migrating at once', async () => {
    await fleet(74);
    const id = await world.serverIn('rescued');
    await refusedWith({ status: 409, message: vmState('rescued')(id) }, () => world.action(id, AUTO, '2.104'));
    const admitted = await world.action(id, AUTO, '2.105');
    expect({ status: admitted.statusCode, body: admitted.body, length: admitted.headers['content-length'] }).toEqual({
      status: 202,
      body: '',
      length: '0',
    });
    const shown = await world.call('GET', `/v2.1/servers/${id}`, { microversion: '2.105' });
    const { server } = shown.json();
    expect([server.status, server['OS-EXT-STS:task_state'], 'progress' in server]).toEqual([
      'RESCUE',
      'migrating',
      false,
    ]);
  });

  it.each([
    ['2.104', 74, 409, vmState('rescued')],
    ['2.105', 73, 409, tooOld],
    ['2.99', 74, 409, vmState('rescued')],
    ['2.30', 74, 409, vmState('rescued')],
    ['2.9', 74, 400, null],
  ] as const)('at %s with the oldest service at %s is %s', async (microversion, version, status, message) => {
    await fleet(version);
    const id = await world.serverIn('rescued');
    const response = await world.action(id, AUTO, microversion);
    expect(response.statusCode).toBe(status);
    if (message !== null) expect(response.json().conflictingRequest.message).toBe(message(id));
  });

  it('is admitted once the old service is forced down, without any restart', async () => {
    await fleet(73);
    const id = await world.serverIn('rescued');
    expect((await world.action(id, AUTO, '2.105')).statusCode).toBe(409);
    const [old] = (await world.call('GET', '/v2.1/os-services?host=target', { microversion: '2.53' })).json().services;
    const forced = { microversion: '2.53', body: { forced_down: true } };
    expect((await world.call('PUT', `/v2.1/os-services/${old.id}`, forced)).statusCode).toBe(200);
    expect((await world.action(id, AUTO, '2.105')).statusCode).toBe(202);
  });

  it('is refused while there is no compute service at all', async () => {
    const id = await world.serverIn('rescued');
    await refusedWith({ status: 409, message: TOO_OLD }, () => world.action(id, AUTO, '2.105'));
  });

  it('leaves one action that carries the request id of its answer, and one migration', async () => {
    await fleet(74);
    const id = await world.serverIn('rescued');
    const response = await world.action(id, AUTO, '2.105');
    const actions = (await world.call('GET', `/v2.1/servers/${id}/os-instance-actions`)).json().instanceActions;
    const asked = actions.filter((action: { action: string }) => action.action === 'live-migration');
    expect(asked.map((action: { request_id: string }) => action.request_id)).toEqual([
      response.headers['x-compute-request-id'],
    ]);
    const { migrations } = (await world.call('GET', `/v2.1/os-migrations?instance_uuid=${id}`)).json();
    expect(
      migrations.map((row: { status: string; source_compute: string }) => [row.status, row.source_compute]),
    ).toEqual([['accepted', 'source']]);
  });
});

/** nova.md K.2, written out by hand. Null: admitted. */
const TABLE: readonly (readonly [Stage, string, number, ((id: string) => string) | null])[] = [
  ['active', '2.104', 73, null],
  ['active', '2.105', 73, null],
  ['active', '2.105', 74, null],
  ['paused', '2.104', 73, null],
  ['paused', '2.105', 73, null],
  ['paused', '2.105', 74, null],
  ['rescued', '2.104', 73, vmState('rescued')],
  ['rescued', '2.104', 74, vmState('rescued')],
  ['rescued', '2.105', 73, tooOld],
  ['rescued', '2.105', 74, null],
  ['stopped', '2.104', 74, vmState('stopped')],
  ['stopped', '2.105', 74, vmState('stopped')],
  ['building', '2.104', 74, vmState('building')],
  ['building', '2.105', 74, vmState('building')],
  ['error', '2.104', 74, vmState('error')],
  ['error', '2.105', 73, vmState('error')],
  ['rescuing', '2.105', 74, taskState('rescuing')],
  ['unrescuing', '2.104', 74, vmState('rescued')],
  ['unrescuing', '2.105', 73, taskState('unrescuing')],
  ['migrating', '2.105', 74, taskState('migrating')],
  ['rebooting', '2.30', 74, taskState('rebooting')],
];

describe('os-migrateLive in every state', () => {
  it.each(TABLE)('%s at %s with the oldest service at %s', async (stage, microversion, version, message) => {
    await fleet(version);
    const id = await world.serverIn(stage);
    if (message === null) expect((await world.action(id, AUTO, microversion)).statusCode).toBe(202);
    else await refusedWith({ status: 409, message: message(id) }, () => world.action(id, AUTO, microversion));
  });

  it('does not know a deleted server', async () => {
    const id = await world.serverIn('deleted');
    const message = `Instance ${id} could not be found.`;
    await refusedWith({ status: 404, message }, () => world.action(id, AUTO, '2.105'));
  });

  it('repeats the id as it was given', async () => {
    const id = await world.serverIn('stopped');
    const given = id.toUpperCase();
    await refusedWith({ status: 409, message: vmState('stopped')(given) }, () => world.action(given, AUTO, '2.105'));
  });
});

describe('several reasons at once: the first in Nova’s order is told', () => {
  const NOT_ALLOWED = (rule: string) =>
    `Policy doesn't allow os_compute_api:os-migrate-server:${rule} to be performed.`;
  const lockedRescued = async (): Promise<string> => {
    await fleet(73);
    const id = await world.serverIn('rescued');
    await world.action(id, { lock: null }, '2.105');
    return id;
  };

  it('a wrong body before an unknown server, and before the policy', async () => {
    const wrong = { 'os-migrateLive': { host: null } };
    const message = `Invalid input for field/attribute os-migrateLive. Value: {'host': None}. 'block_migration' is a required property`;
    await refusedWith({ status: 400, message }, () => world.action('no-such-id', wrong, '2.105', 'member'));
  });

  it('a server of somebody else before the policy', async () => {
    const id = await world.serverIn('active');
    const message = `Instance ${id} could not be found.`;
    await refusedWith({ status: 404, message }, () =>
      world.call('POST', `/v2.1/servers/${id}/action`, {
        body: AUTO,
        microversion: '2.105',
        roles: 'manager',
        project: OTHER_PROJECT,
      }),
    );
  });

  it.each([
    ['member', AUTO, 'migrate_live'],
    ['reader', AUTO, 'migrate_live'],
    ['manager', onto('target'), 'migrate_live:host'],
    ['member', onto('target'), 'migrate_live:host'],
  ] as const)('the policy (%s) before the lock and the state', async (role, body, rule) => {
    const id = await lockedRescued();
    await refusedWith({ status: 403, message: NOT_ALLOWED(rule) }, () => world.action(id, body, '2.104', role));
  });

  it.each(['2.104', '2.105'])('the lock before the state and the fleet, at %s', async (microversion) => {
    const id = await lockedRescued();
    const message = `Instance ${id} is locked`;
    await refusedWith({ status: 409, message }, () => world.action(id.toUpperCase(), AUTO, microversion, 'manager'));
  });

  it('the state before the fleet, the fleet before the unknown host; no lock stops an administrator', async () => {
    const id = await lockedRescued();
    const unknown = onto('nowhere');
    await refusedWith({ status: 409, message: vmState('rescued')(id) }, () => world.action(id, unknown, '2.104'));
    await refusedWith({ status: 409, message: TOO_OLD }, () => world.action(id, unknown, '2.105'));
  });

  it('force without a host before the lock and the state', async () => {
    const id = await lockedRescued();
    const forced = { 'os-migrateLive': { host: null, block_migration: 'auto', force: 'yes' } };
    const message = `Can't force to a non-provided destination`;
    await refusedWith({ status: 400, message }, () => world.action(id, forced, '2.30', 'manager'));
  });

  it('an unknown host when nothing else is wrong', async () => {
    await fleet(74);
    const id = await world.serverIn('rescued');
    const message = 'Compute host nowhere could not be found.';
    await refusedWith({ status: 400, message }, () => world.action(id, onto('nowhere'), '2.105'));
    expect((await world.action(id, onto('target'), '2.105')).statusCode).toBe(202);
  });

  it('a project manager may migrate a server of the own project, without a host', async () => {
    await fleet(74);
    const id = await world.serverIn('rescued');
    expect((await world.action(id, AUTO, '2.105', 'manager')).statusCode).toBe(202);
  });
});
