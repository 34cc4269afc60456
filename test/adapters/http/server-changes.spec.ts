import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READ_EVENTS_MAX } from '../../../application/ports/event-store.ts';
import type { EffectOutcome } from '../../../domain/instance/instance-commands.ts';
import { instant, type InstanceId } from '../../../domain/shared/ids.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { OTHER_PROJECT } from '../../support/role-header-identity.ts';
import { IMAGE } from '../../support/server-stages.ts';

let world: ComputeApiWorld;
beforeAll(async () => {
  world = new ComputeApiWorld();
  await world.computeService('source', 74);
});
afterAll(() => world.close());

const NEWEST = '2.105';
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
type Asked = { readonly microversion?: string; readonly roles?: string };
const call = (method: Method, path: string, body?: unknown, { microversion = NEWEST, roles = 'member' }: Asked = {}) =>
  world.call(method, `/v2.1/servers/${path}`, { microversion, roles, ...(body === undefined ? {} : { body }) });
const outcome = (id: InstanceId, effectOutcome: EffectOutcome) =>
  world.command(id, { type: 'RecordEffectOutcome', effectOutcome, at: instant(new Date().toISOString()) });
const shown = async (id: string, microversion = NEWEST) =>
  (await call('GET', id, undefined, { microversion })).json().server;

describe('metadata', () => {
  it('is merged by POST, replaced by PUT, and changed item by item', async () => {
    const id = await world.serverIn('rescued');
    const at = (path: string) => `${id}/metadata${path}`;
    const ok = async (method: Method, path: string, body: unknown) => (await call(method, at(path), body)).json();
    expect(await ok('POST', '', { metadata: { a: '1', b: '2' } })).toEqual({ metadata: { a: '1', b: '2' } });
    expect(await ok('POST', '', { metadata: { b: '3' } })).toEqual({ metadata: { a: '1', b: '3' } });
    expect(await ok('PUT', '/c', { meta: { c: '4' } })).toEqual({ meta: { c: '4' } });
    expect(await ok('GET', '/c', undefined)).toEqual({ meta: { c: '4' } });
    expect((await call('DELETE', at('/a'))).statusCode).toBe(204);
    expect((await shown(id)).metadata).toEqual({ b: '3', c: '4' });
    expect(await ok('PUT', '', { metadata: { z: '' } })).toEqual({ metadata: { z: '' } });
    expect(await ok('GET', '', undefined)).toEqual({ metadata: { z: '' } });
  });

  it.each([
    ['DELETE', '/none', undefined, [404, 'Metadata item was not found']],
    ['GET', '/toString', undefined, [404, 'Metadata item was not found']],
    ['PUT', '/a', { meta: { b: '1' } }, [400, 'Request body and URI mismatch']],
    ['PUT', '/a', { meta: {} }, [400, 'does not have enough properties']],
    ['POST', '', { metadata: { '': '1' } }, [400, 'does not match any of the regexes']],
    ['POST', '', { metadata: { ['k'.repeat(256)]: '1' } }, [400, 'does not match any of the regexes']],
    ['POST', '', { metadata: { a: 1 } }, [400, "1 is not of type 'string'"]],
    ['POST', '', { metadata: null }, [400, "None is not of type 'object'"]],
  ] as const)('%s %s %j is refused: %j', async (method, path, body, [status, message]) => {
    const id = await world.serverIn('active');
    const before = await world.events();
    const response = await call(method, `${id}/metadata${path}`, body);
    expect([response.statusCode, response.body]).toEqual([status, expect.stringContaining(message)]);
    expect(await world.events()).toBe(before);
  });

  it('has at most 128 items, and is kept by a lock and from strangers', async () => {
    const id = await world.serverIn('active');
    const items = Object.fromEntries(Array.from({ length: 128 }, (_, index) => [`k${index}`, 'v']));
    expect((await call('POST', `${id}/metadata`, { metadata: items })).statusCode).toBe(200);
    const more = await call('POST', `${id}/metadata`, { metadata: { more: 'v' } });
    expect(more.json().forbidden.message).toBe('Maximum number of metadata items exceeds 128');
    await world.action(id, { lock: null }, NEWEST, 'member');
    expect((await call('DELETE', `${id}/metadata/k1`)).json().conflictingRequest.message).toBe(
      `Instance ${id} is locked`,
    );
    const stranger = await world.call('GET', `/v2.1/servers/${id}/metadata`, {
      roles: 'member',
      project: OTHER_PROJECT,
    });
    expect(stranger.statusCode).toBe(404);
    expect((await call('DELETE', `${id}/metadata/k1`, undefined, { roles: 'reader' })).statusCode).toBe(403);
  });
});

describe('tags', () => {
  it('are put on, looked for, found in lists, and taken off', async () => {
    const id = await world.serverIn('active');
    const added = await call('PUT', `${id}/tags/blue`);
    expect([added.statusCode, added.headers['location']]).toEqual([
      201,
      expect.stringContaining(`/v2.1/servers/${id}/tags/blue`),
    ]);
    expect((await call('PUT', `${id}/tags/blue`)).statusCode).toBe(204);
    expect((await call('GET', `${id}/tags/blue`)).statusCode).toBe(204);
    expect((await call('PUT', `${id}/tags`, { tags: ['x', 'y', 'x'] })).json()).toEqual({ tags: ['x', 'y'] });
    const found = async (query: string) =>
      (await world.call('GET', `/v2.1/servers?${query}`, { microversion: NEWEST, roles: 'member' }))
        .json()
        .servers.some((row: { id: string }) => row.id === id);
    expect([await found('tags=x,y'), await found('tags=x,z'), await found('tags-any=z,y')]).toEqual([
      true,
      false,
      true,
    ]);
    expect([await found('not-tags=x,y'), await found('not-tags=x,z'), await found('not-tags-any=z')]).toEqual([
      false,
      true,
      true,
    ]);
    expect((await call('DELETE', `${id}/tags/x`)).statusCode).toBe(204);
    expect((await call('GET', `${id}/tags/x`)).json().itemNotFound.message).toBe(`Server ${id} has no tag 'x'`);
    expect((await call('DELETE', `${id}/tags/x`)).statusCode).toBe(404);
    expect((await call('DELETE', `${id}/tags`)).statusCode).toBe(204);
    expect((await call('GET', `${id}/tags`)).json()).toEqual({ tags: [] });
  });

  it('are there from 2.26 on, are words, and at most 50', async () => {
    const id = await world.serverIn('active');
    expect((await call('GET', `${id}/tags`, undefined, { microversion: '2.25' })).statusCode).toBe(404);
    expect((await call('PUT', `${id}/tags/a%2Cb`)).json().badRequest.message).toContain("Tag 'a,b' is invalid.");
    expect((await call('PUT', `${id}/tags`, { tags: ['a/b'] })).statusCode).toBe(400);
    const fifty = Array.from({ length: 50 }, (_, index) => `t${index}`);
    expect((await call('PUT', `${id}/tags`, { tags: fifty })).statusCode).toBe(200);
    const more = await call('PUT', `${id}/tags/more`);
    expect(more.json().badRequest.message).toBe('The number of tags exceeded the per-server limit 50');
  });
});

describe('PUT /servers/{id}', () => {
  it('writes what is given and leaves the rest', async () => {
    const id = await world.serverIn('active');
    const put = (server: object, microversion = NEWEST) => call('PUT', id, { server }, { microversion });
    await put({ description: 'one', accessIPv4: '192.0.2.1' });
    const { server } = (await put({ name: 'new', 'OS-DCF:diskConfig': 'AUTO', hostname: 'web' })).json();
    expect(server).toMatchObject({ name: 'new', description: 'one', accessIPv4: '192.0.2.1' });
    expect(server).toMatchObject({ 'OS-DCF:diskConfig': 'AUTO', 'OS-EXT-SRV-ATTR:hostname': 'web', key_name: null });
    const old = (await put({ name: 'old' }, '2.53')).json().server;
    expect(Object.keys(old).filter((key) => key.startsWith('OS-') && key !== 'OS-DCF:diskConfig')).toEqual([]);
    expect(old).not.toHaveProperty('key_name');
    const before = await world.events();
    expect((await put({})).statusCode).toBe(200);
    expect(await world.events()).toBe(before);
  });

  it.each([
    [{ name: '' }, NEWEST],
    [{ name: '   ' }, NEWEST],
    [{ name: 'n'.repeat(256) }, NEWEST],
    [{ description: 'x' }, '2.18'],
    [{ hostname: 'x' }, '2.89'],
    [{ accessIPv4: '1.1.1' }, NEWEST],
    [{ accessIPv6: '192.0.2.1' }, NEWEST],
    [{ flavor: '2' }, NEWEST],
  ])('refuses %j at %s', async (server, microversion) => {
    const id = await world.serverIn('active');
    expect((await call('PUT', id, { server }, { microversion })).statusCode).toBe(400);
  });
});

describe('rebuild', () => {
  it('answers with the server and a password that is written nowhere, and is REBUILD until it is done', async () => {
    const id = await world.serverIn('stopped');
    const body = { rebuild: { imageRef: IMAGE, adminPass: 'secret-word', name: 'again', metadata: { a: '1' } } };
    const response = await world.action(id, body, NEWEST, 'member');
    expect([response.statusCode, response.headers['location']]).toEqual([
      202,
      expect.stringContaining(`servers/${id}`),
    ]);
    expect(response.json().server).toMatchObject({ name: 'again', metadata: { a: '1' }, adminPass: 'secret-word' });
    expect(JSON.stringify(await world.eventStore.readAll(0, READ_EVENTS_MAX))).not.toContain('secret-word');
    expect(await shown(id)).toMatchObject({ status: 'REBUILD', 'OS-EXT-STS:task_state': 'rebuilding' });
    await outcome(id, { effect: 'rebuild', outcome: 'succeeded' });
    expect(await shown(id)).toMatchObject({ status: 'SHUTOFF', 'OS-EXT-STS:task_state': null });
    const actions = (await call('GET', `${id}/os-instance-actions`)).json().instanceActions;
    expect(actions[0]).toMatchObject({ action: 'rebuild', message: null });
  });

  it('looks at the state before the image, and at the image before it changes anything', async () => {
    const rescued = await world.serverIn('rescued');
    const unknown = { rebuild: { imageRef: '00000000-0000-4000-8000-000000000000', name: 'x' } };
    const early = await world.action(rescued, unknown, NEWEST);
    expect(early.json().conflictingRequest.message).toBe(
      `Cannot 'rebuild' instance ${rescued} while it is in vm_state rescued`,
    );
    const active = await world.serverIn('active');
    const before = await world.events();
    expect((await world.action(active, unknown, NEWEST)).json().badRequest.message).toBe(
      'Can not find requested image',
    );
    expect((await world.action(active, { rebuild: { imageRef: IMAGE, key_name: 'k' } }, NEWEST)).statusCode).toBe(400);
    expect(await world.events()).toBe(before);
  });
});
