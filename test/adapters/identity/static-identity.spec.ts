import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAILURES_MAX, WINDOW_MS } from '../../../adapters/identity/failed-attempts.ts';
import { parseIdentityFile } from '../../../adapters/identity/identity-file.ts';
import { PASSWORD_CHECKS_WAITING_MAX } from '../../../adapters/identity/static-identity.ts';
import { PASSWORD, sampleIdentityFile } from '../../support/identity-files.ts';
import { PROJECT } from '../../support/role-header-identity.ts';
import { StaticIdentityWorld, TOKEN_SECONDS } from '../../support/static-identity-world.ts';

/** Two run and the others wait. */
const AT_ONE_TIME = 2 + PASSWORD_CHECKS_WAITING_MAX;

let world: StaticIdentityWorld;
beforeAll(async () => {
  world = await StaticIdentityWorld.open();
});
afterAll(() => world.api.close());

describe('the built-in identity service', () => {
  it('gives a token for a project, with its roles and the catalog, for a password', async () => {
    const answer = await world.ask('demo', 'demo');
    expect(answer.statusCode).toBe(201);
    const { token } = answer.json();
    expect(token.user).toMatchObject({ name: 'demo', domain: { id: 'default', name: 'Default' } });
    expect(token.project).toMatchObject({ id: PROJECT, name: 'demo' });
    expect(token.roles.map(({ name }: { name: string }) => name)).toEqual(['member', 'reader']);
    expect(Date.parse(token.expires_at) - Date.parse(token.issued_at)).toBe(TOKEN_SECONDS * 1000);
    const [compute] = token.catalog;
    expect(compute.type).toBe('compute');
    expect(compute.endpoints.map(({ interface: name }: { interface: string }) => name)).toEqual([
      'public',
      'internal',
      'admin',
    ]);
    expect(compute.endpoints[0].url).toMatch(/^http:\/\/[^/]+\/v2\.1$/);
    const issued = answer.headers['x-subject-token'];
    expect(issued).toMatch(/^[\w-]{64}$/);
    expect(answer.body).not.toContain(issued);
  });

  it('tells nobody whether the user, the password or the project was wrong', async () => {
    const answers = [
      await world.ask('demo', 'demo', 'wrong'),
      await world.ask('stranger', 'demo'),
      await world.ask('demo', 'admin'),
      await world.ask('demo', 'nowhere'),
      await world.askWith({ identity: { methods: ['token'], token: { id: 'forged' } } }),
      await world.askWith({ identity: { methods: ['totp'] } }),
      await world.askWith({
        identity: {
          methods: ['password'],
          password: { user: { name: 'demo', domain: { name: 'Elsewhere' }, password: PASSWORD } },
        },
      }),
    ];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect(answer.json()).toEqual({
        error: {
          code: 401,
          message: 'The request you have made requires authentication.',
          title: 'Unauthorized',
        },
      });
      expect(answer.headers['www-authenticate']).toMatch(/^Keystone uri="http:\/\/[^"]+\/v3"$/);
      expect(answer.headers['x-subject-token']).toBeUndefined();
    }
  });

  it.each([
    ['no identity', {}],
    ['no methods', { identity: { methods: [] } }],
    ['a method without its part', { identity: { methods: ['password'] } }],
    ['a user of no domain', { identity: { methods: ['password'], password: { user: { name: 'a', password: 'b' } } } }],
    ['a number for a password', { identity: { methods: ['password'], password: { user: { id: 'a', password: 1 } } } }],
  ])('refuses a request with %s, and repeats none of it', async (_what, auth) => {
    const answer = await world.askWith({ ...auth, secret: 'hunter2' });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain('hunter2');
  });

  it('refuses bodies that are no JSON, and too large ones', async () => {
    const post = (body: string) => world.api.call('POST', '/v3/auth/tokens', { roles: null, body });
    expect((await post('{"auth":')).statusCode).toBe(400);
    expect((await post(JSON.stringify({ auth: 'x'.repeat(200_000) }))).statusCode).toBe(413);
  });

  it('changes a token for one of another project, which lives no longer', async () => {
    const unscoped = await world.ask('admin', null);
    expect(unscoped.json().token.catalog).toBeUndefined();
    await world.clock.advance(60_000);
    const id = unscoped.headers['x-subject-token'];
    const domain = { id: 'default' };
    const scoped = await world.askWith({
      identity: { methods: ['token'], token: { id } },
      scope: { project: { name: 'demo', domain } },
    });
    expect(scoped.statusCode).toBe(201);
    expect(scoped.json().token.expires_at).toBe(unscoped.json().token.expires_at);
    expect(scoped.json().token.methods).toEqual(['password', 'token']);
  });

  it('ends a token at its time', async () => {
    const token = await world.token('demo', 'demo');
    await world.clock.advance(TOKEN_SECONDS * 1000 - 1);
    expect((await world.get('/v2.1/servers', token)).statusCode).toBe(200);
    await world.clock.advance(1);
    expect((await world.get('/v2.1/servers', token)).statusCode).toBe(401);
  });

  it('ends a token when it is asked to, by who has it', async () => {
    const [token, other] = [await world.token('demo', 'demo'), await world.token('manager', 'demo')];
    const revoke = (caller: string) =>
      world.api.call('DELETE', '/v3/auth/tokens', {
        roles: null,
        headers: { 'x-auth-token': caller, 'x-subject-token': token },
      });
    expect((await revoke(other)).statusCode).toBe(403);
    expect((await revoke(token)).statusCode).toBe(204);
    expect((await world.get('/v2.1/servers', token)).statusCode).toBe(401);
    expect((await world.get('/v2.1/servers', other)).statusCode).toBe(200);
  });

  it('tells administrators, and who has it, about a token', async () => {
    const [token, admin, other] = [
      await world.token('demo', 'demo'),
      await world.token('admin', 'admin'),
      await world.token('reader', 'demo'),
    ];
    const about = (caller: string, subject: string) =>
      world.get('/v3/auth/tokens', caller, { 'x-subject-token': subject });
    expect((await about(admin, token)).json().token.user.name).toBe('demo');
    expect((await about(token, token)).headers['x-subject-token']).toBe(token);
    expect((await about(other, token)).statusCode).toBe(403);
    expect((await about(admin, 'forged')).statusCode).toBe(404);
    expect((await about('forged', token)).statusCode).toBe(401);
  });

  it('lists users to administrators and to nobody else, without a trace of passwords', async () => {
    const [admin, demo] = [await world.token('admin', 'admin'), await world.token('demo', 'demo')];
    const listed = await world.get('/v3/users?name=demo', admin);
    expect(listed.json().users).toMatchObject([{ name: 'demo', domain_id: 'default', enabled: true }]);
    expect(listed.body).not.toContain('scrypt');
    expect((await world.get('/v3/users', demo)).statusCode).toBe(403);
    expect((await world.get('/v3/users', null)).statusCode).toBe(401);
    expect((await world.get(`/v3/projects/${PROJECT}`, demo)).json().project.name).toBe('demo');
    expect((await world.get('/v3/auth/projects', demo)).json().projects).toHaveLength(1);
    expect((await world.get('/v3/nowhere', demo)).statusCode).toBe(404);
    const changed = await world.api.call('POST', '/v3/users', {
      roles: null,
      body: { user: {} },
      headers: { 'x-auth-token': admin },
    });
    expect(changed.statusCode).toBe(403);
  });
});

describe('a wrong password', () => {
  it('may be tried a few times in a minute, and then not even the right one', async () => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt <= FAILURES_MAX; attempt += 1) {
      statuses.push((await world.ask('reader', 'demo', `guess ${attempt}`)).statusCode);
    }
    expect(statuses).toEqual([...Array.from({ length: FAILURES_MAX }, () => 401), 429]);
    const locked = await world.ask('reader', 'demo');
    expect(locked.statusCode).toBe(429);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(0);
    // Others are not shut out with it.
    expect((await world.ask('demo', 'demo')).statusCode).toBe(201);
    await world.clock.advance(WINDOW_MS);
    expect((await world.ask('reader', 'demo')).statusCode).toBe(201);
  });

  it('is not checked for more clients at one time than there is room for', async () => {
    const crowd = await Promise.all(Array.from({ length: 40 }, (_, index) => world.ask(`guest ${index}`, 'demo')));
    const statuses = crowd.map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40 - AT_ONE_TIME);
    expect(statuses.filter((status) => status === 401)).toHaveLength(AT_ONE_TIME);
    expect((await world.ask('demo', 'demo')).statusCode).toBe(201);
  });
});

describe('a changed file of users', () => {
  it('ends the tokens of who is gone and of who has another password, and changes roles at once', async () => {
    const fresh = await StaticIdentityWorld.open();
    const [admin, demo] = [await fresh.token('admin', 'demo'), await fresh.token('demo', 'demo')];
    const file = sampleIdentityFile() as { users: { name: string; passwordHash: string; projects: object }[] };
    // The same hashes for the others, as in a file that was edited.
    const before = fresh.identity.directory().users;
    const kept = file.users.map((user) => ({
      ...user,
      passwordHash: before.find(({ name }) => name === user.name)?.passwordHash ?? user.passwordHash,
    }));
    fresh.useFile({
      ...file,
      users: kept.map((user) => (user.name === 'admin' ? { ...user, projects: { demo: ['reader'] } } : user)),
    });
    expect((await fresh.get('/v2.1/os-services', admin)).statusCode).toBe(403);
    expect((await fresh.get('/v2.1/servers', admin)).statusCode).toBe(200);
    fresh.useFile({ ...file, users: kept.filter(({ name }) => name !== 'admin') });
    expect((await fresh.get('/v2.1/servers', admin)).statusCode).toBe(401);
    expect((await fresh.get('/v2.1/servers', demo)).statusCode).toBe(200);
    fresh.useFile(file);
    expect((await fresh.get('/v2.1/servers', demo)).statusCode).toBe(401);
    await fresh.api.close();
  });

  it.each([
    ['is no JSON', '{"users": [{"passwordHash": "$scrypt$'],
    ['holds a password', '{"projects":[],"users":[{"name":"a","passwordHash":"hunter2"}]}'],
    ['has an unknown key', '{"projects":[],"users":[],"emails":["hunter2"]}'],
    [
      'names a project that is not there',
      JSON.stringify({ projects: [], users: [{ name: 'a', passwordHash: 'H', projects: { p: ['admin'] } }] }),
    ],
    [
      'has a user twice',
      JSON.stringify({
        projects: [],
        users: [
          { name: 'a', passwordHash: 'H' },
          { name: 'a', passwordHash: 'H' },
        ],
      }),
    ],
  ])('is refused when it %s, without its secrets in the reason', async (_what, text) => {
    const [{ passwordHash } = { passwordHash: '' }] = world.identity.directory().users;
    const read = parseIdentityFile(text.replaceAll('"H"', JSON.stringify(passwordHash)));
    expect(read.valid).toBe(false);
    const problems = read.valid ? [] : read.problems;
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join()).not.toMatch(/scrypt|hunter2/);
  });
});

describe('the roles', () => {
  it('decide who may do what, and where', async () => {
    const [admin, manager, member, reader, unscoped] = [
      await world.token('admin', 'admin'),
      await world.token('manager', 'demo'),
      await world.token('demo', 'demo'),
      await world.token('reader', 'demo'),
      await world.token('demo', null),
    ];
    const headers = { 'openstack-api-version': 'compute 2.80' };
    const statuses = (path: string) =>
      Promise.all(
        [admin, manager, member, reader, unscoped].map(async (one) => (await world.get(path, one, headers)).statusCode),
      );
    expect(await statuses('/v2.1/os-services')).toEqual([200, 403, 403, 403, 403]);
    expect(await statuses('/v2.1/servers')).toEqual([200, 200, 200, 200, 403]);
    expect(await statuses('/v2.1/os-migrations')).toEqual([200, 403, 403, 403, 403]);
    expect(await statuses(`/v2.1/os-migrations?project_id=${PROJECT}`)).toEqual([200, 200, 403, 403, 403]);
    expect(await statuses('/v2.1/nowhere')).toEqual([404, 404, 404, 404, 404]);
  });
});
