import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryEventStore } from '../../../adapters/event-store/memory-event-store.ts';
import { NoAuthenticationIdentity, isLoopback } from '../../../adapters/http/no-authentication-identity.ts';
import { SystemClock } from '../../../adapters/system/system-clock.ts';
import { StoreUnavailable } from '../../../application/ports/event-store.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { OTHER_PROJECT, PROJECT } from '../../support/role-header-identity.ts';

const NO_SUCH_ID = '00000000-0000-0000-0000-000000000000';
const UNKNOWN_ROUTE = {
  message: 'The resource could not be found.<br /><br />\n\n\n',
  code: '404 Not Found',
  title: 'Not Found',
};

let world: ComputeApiWorld;
beforeEach(() => {
  world = new ComputeApiWorld();
});
afterEach(() => world.close());

describe('the order of checks', () => {
  it('asks for a token before everything else', async () => {
    for (const url of ['/v2.1/servers', '/v2.1/no-such-route', `/v2.1/servers/${NO_SUCH_ID}`]) {
      const response = await world.call('GET', url, { roles: null, microversion: '9.9' });
      expect(response.statusCode).toBe(401);
      expect(response.json().error.message).toBe('The request you have made requires authentication.');
      expect(response.headers['www-authenticate']).toContain('Keystone uri=');
      expect(response.headers['openstack-api-version']).toBeUndefined();
      expect(response.headers['x-compute-request-id']).toMatch(/^req-/);
    }
  });

  it('does not read the body of a caller without a token', async () => {
    const response = await world.call('POST', '/v2.1/servers', { roles: null, body: 'x'.repeat(200_000) });
    expect(response.statusCode).toBe(401);
  });

  it('knows no route before it looks at the microversion', async () => {
    const response = await world.call('GET', '/v2.1/no-such-route', { microversion: '9.9' });
    expect([response.statusCode, response.json()]).toEqual([404, UNKNOWN_ROUTE]);
    expect(response.headers['openstack-api-version']).toBeUndefined();
  });

  it('answers a wrong method as an unknown route', async () => {
    const response = await world.call('PUT', '/v2.1/servers', { body: {} });
    expect([response.statusCode, response.json()]).toEqual([404, UNKNOWN_ROUTE]);
  });

  it('looks at the microversion before the body, and at the action before the project in the URL', async () => {
    const url = `/v2.1/${OTHER_PROJECT}/servers/${NO_SUCH_ID}/action`;
    expect((await world.call('POST', url, { microversion: '2.999', body: '{' })).statusCode).toBe(406);
    const malformed = await world.call('POST', url, { microversion: '2.105', body: { pause: null, unpause: null } });
    expect(malformed.json().badRequest.message).toBe('Malformed request body');
    const unknown = await world.call('POST', url, { microversion: '2.105', body: { toString: null } });
    expect(unknown.json().badRequest.message).toBe('There is no such action: toString');
    const project = await world.call('POST', url, { microversion: '2.105', body: { 'os-migrateLive': null } });
    expect(project.json().badRequest.message).toBe(
      `Malformed request URL: URL's project_id '${OTHER_PROJECT}' doesn't match Context's project_id '${PROJECT}'`,
    );
  });

  it('does not know a route below its first microversion', async () => {
    const url = `/v2.1/servers/${NO_SUCH_ID}/migrations`;
    const response = await world.call('GET', url, { microversion: '2.22' });
    expect(response.json()).toEqual({ itemNotFound: { code: 404, message: 'The resource could not be found.' } });
    expect(response.headers['openstack-api-version']).toBe('compute 2.22');
    expect((await world.call('GET', url, { microversion: '2.23' })).json().itemNotFound.message).toBe(
      `Instance ${NO_SUCH_ID} could not be found.`,
    );
  });
});

describe('headers', () => {
  it('name the microversion twice, vary twice and carry one request id under two names, in answers and in faults', async () => {
    for (const url of ['/v2.1/servers', `/v2.1/servers/${NO_SUCH_ID}`, '/v2.1/servers?limit=x']) {
      const { headers } = await world.call('GET', url, { microversion: '2.75' });
      expect(headers['openstack-api-version']).toBe('compute 2.75');
      expect(headers['x-openstack-nova-api-version']).toBe('2.75');
      expect(headers.vary).toEqual(['OpenStack-API-Version', 'X-OpenStack-Nova-API-Version']);
      expect(headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
      expect(headers['x-compute-request-id']).toBe(headers['x-openstack-request-id']);
    }
  });

  it('give every request an id of its own, whatever the client sends', async () => {
    const sent = { 'x-openstack-request-id': 'req-mine', 'x-compute-request-id': 'req-mine', 'request-id': 'req-mine' };
    const ids = [];
    for (let count = 0; count < 3; count += 1) {
      ids.push((await world.call('GET', '/v2.1/servers', { headers: sent })).headers['x-compute-request-id']);
    }
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain('req-mine');
  });

  it('echo what was asked for and is not served', async () => {
    const response = await world.call('GET', '/v2.1/servers', { microversion: '2.106' });
    expect(response.json().computeFault.message).toBe(
      'Version 2.106 is not supported by the API. Minimum is 2.1 and maximum is 2.105.',
    );
    expect(response.headers['openstack-api-version']).toBe('compute 2.106');
  });
});

describe('hostile requests', () => {
  const bodies: readonly (readonly [string, string, string | null, number])[] = [
    ['more than the bound', `{"server":"${'a'.repeat(120_000)}"}`, 'application/json', 413],
    ['a depth nobody can walk', '['.repeat(57_000) + ']'.repeat(57_000), 'application/json', 400],
    ['a depth that JSON can be read to', `{"rescue":${'['.repeat(500)}${']'.repeat(500)}}`, 'application/json', 400],
    ['a prototype', '{"__proto__":{"isAdmin":true}}', 'application/json', 400],
    ['a prototype further down', '{"rescue":{"__proto__":null}}', 'application/json', 400],
    ['no JSON', 'rescue=1', 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['a number', '1', 'application/json', 400],
    ['null', 'null', 'application/json', 400],
    ['a list', '[]', 'application/json', 400],
    ['a form', 'rescue=1', 'application/x-www-form-urlencoded', 415],
    ['XML', '<rescue/>', 'application/xml', 415],
    ['no content type', '{"constructor":null}', null, 400],
    ['a content type that is none', '{}', ';;;', 400],
    ['a key with control characters', '{"\\u0000\\ud800\\u202e":1}', 'application/json', 400],
  ];

  it.each(bodies)('%s', async (_name, body, type, status) => {
    const response = await world.server.inject({
      method: 'POST',
      url: `/v2.1/servers/${NO_SUCH_ID}/action`,
      headers: { 'x-roles': 'admin', ...(type === null ? {} : { 'content-type': type }) },
      payload: body,
    });
    expect(response.statusCode).toBe(status);
    expect(response.body.length).toBeLessThan(5000);
    expect(world.reported).toEqual([]);
  });

  it('answers every kind of value in every action without an error of its own', async () => {
    const id = await world.serverIn('active');
    const before = await world.events();
    const actions = ['rescue', 'os-migrateLive', 'reboot', 'os-resetState', 'lock'];
    const values = [1, -1.5, 'x', '', [], [[]], [null], { a: {} }, { host: { a: 1 } }, { type: 1 }, { state: null }];
    for (const action of actions) {
      for (const value of [...values, { adminPass: 'p'.repeat(300) }, { locked_reason: '' }]) {
        const response = await world.action(id, { [action]: value }, '2.105');
        expect([action, value, response.statusCode]).toEqual([action, value, 400]);
        expect(response.json().badRequest.message).toContain('Invalid input for field/attribute');
      }
    }
    expect(await world.events()).toBe(before);
    expect(world.reported).toEqual([]);
  });

  it('refuses strange URLs', async () => {
    for (const url of [
      '/v2.1/servers/%zz',
      `/v2.1/servers/${'a'.repeat(300)}`,
      '/v2.1/servers/..%2f..%2fetc',
      '//v2.1',
    ]) {
      const { statusCode } = await world.call('GET', url);
      expect([url, [300, 400, 404].includes(statusCode)]).toEqual([url, true]);
    }
  });
});

describe('what is not the caller’s fault', () => {
  it('is 503 with Retry-After when the log cannot be written', async () => {
    const closed = new MemoryEventStore(new SystemClock());
    await closed.close();
    await world.close();
    world = new ComputeApiWorld({ linkPrefix: null, appendsTo: closed });
    const id = await world.serverIn('active');
    const response = await world.action(id, { pause: null }, '2.1');
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '5']);
    expect(response.json().serviceUnavailable.code).toBe(503);
    expect(world.reported[0]).toBeInstanceOf(StoreUnavailable);
  });

  it('is 503 when the views stand still, rather than yesterday’s state', async () => {
    const broken = {
      readAll: async () => [],
      // oxlint-disable-next-line require-yield
      async *subscribe(): AsyncGenerator<never> {
        throw new Error('an event nobody can read, at /var/lib/secret');
      },
    };
    await world.views.follow(broken, new AbortController().signal).catch(() => undefined);
    const response = await world.call('GET', '/v2.1/servers');
    expect(response.statusCode).toBe(503);
    expect(response.body).not.toContain('secret');
  });

  it('is 503 when the identity service does not answer, so that clients keep their tokens', async () => {
    world.identity.outage = 'connection refused to 10.0.0.7';
    const response = await world.call('GET', '/v2.1/servers');
    expect(response.statusCode).toBe(503);
    expect(response.body).not.toContain('10.0.0.7');
    expect(world.reported).toHaveLength(1);
  });

  it('is 500 without internals, and the next request is served', async () => {
    world.images.list = async () => Promise.reject(new Error('a bug at /home/operator'));
    const response = await world.call('GET', '/v2.1/images', { roles: 'member' });
    expect(response.statusCode).toBe(500);
    expect(response.json().computeFault.message).toContain(response.headers['x-compute-request-id']);
    expect(response.body).not.toContain('/home/operator');
    expect((await world.call('GET', '/v2.1/servers')).statusCode).toBe(200);
  });
});

describe('no authentication', () => {
  const identity = new NoAuthenticationIdentity();

  it('makes everybody on this machine the administrator, with any token or none', async () => {
    for (const headers of [{}, { 'x-auth-token': 'notused' }, { host: '127.0.0.1:8774' }, { host: '[::1]:8774' }]) {
      expect((await identity.authenticate(headers)).answer).toBe('authenticated');
    }
  });

  it('is not for web pages in a browser on this machine', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { host: 'evil.example:8774' }]) {
      expect((await identity.authenticate(headers)).answer).toBe('unauthenticated');
    }
  });

  it('knows which addresses only this machine can reach', () => {
    expect(['127.0.0.1', '127.255.0.9', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '', 'example.org'].some(isLoopback)).toBe(false);
  });
});
