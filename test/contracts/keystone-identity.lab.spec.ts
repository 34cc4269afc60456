import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rmSync, writeFileSync } from 'node:fs';
import { KeystoneIdentity } from '../../adapters/identity/keystone-identity.ts';
import { configurationSchema } from '../../adapters/main/configuration.ts';
import { serve, type Served } from '../../adapters/main/serve.ts';
import { SimulatedClock } from '../../adapters/simulated/simulated-clock.ts';
import { startKeystone, whyNoKeystone, type Keystone } from '../lab/keystone.ts';

const CACHE_SECONDS = 60;
/** It serves one request at a time, on processors that others may be using. */
const KEYSTONE_DEADLINE_MS = 60_000;
const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
const reason = await whyNoKeystone();
if (reason !== null) console.log(`test/contracts/keystone-identity.lab.spec.ts is skipped: ${reason}`);

describe.skipIf(reason !== null)('tokens of a real Keystone', () => {
  let keystone: Keystone;
  let clock: SimulatedClock;
  let identity: KeystoneIdentity;
  beforeAll(async () => {
    keystone = await startKeystone();
    clock = new SimulatedClock(Date.now());
    identity = new KeystoneIdentity({
      ...serviceUser(),
      clock,
      cacheSeconds: CACHE_SECONDS,
      deadlineMs: KEYSTONE_DEADLINE_MS,
    });
  });
  afterAll(() => keystone?.stop());

  const serviceUser = () => ({
    authUrl: keystone.authUrl,
    publicUrl: keystone.authUrl,
    username: 'admin',
    password: async () => keystone.adminPassword,
    projectName: 'admin',
    userDomainName: 'Default',
    projectDomainName: 'Default',
  });
  const domain = { id: 'default' };
  const call = (method: string, path: string, token: string | null, body: object | null = null) =>
    fetch(`${keystone.authUrl}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { 'x-auth-token': token }) },
      body: body === null ? null : JSON.stringify(body),
    });
  const tokenFor = async (name: string, password: string, scope: object): Promise<string> => {
    const user = { name, domain, password };
    const auth = { identity: { methods: ['password'], password: { user } }, scope };
    return (await call('POST', '/auth/tokens', null, { auth })).headers.get('x-subject-token') ?? 'none';
  };
  const adminToken = (scope: object = { project: { name: 'admin', domain } }) =>
    tokenFor('admin', keystone.adminPassword, scope);
  const ask = (token: string) => identity.authenticate({ 'x-auth-token': token });

  it('say who has them, for which project and with which roles', async () => {
    const admin = await adminToken();
    const project = await created('/projects', admin, { project: { name: 'demo' } }, 'project');
    const user = await created('/users', admin, { user: { name: 'demo', password: 'demo' } }, 'user');
    const listed = await call('GET', '/roles?name=member', admin);
    const [role] = ((await listed.json()) as { roles: readonly { id: string }[] }).roles;
    await call('PUT', `/projects/${project}/users/${user}/roles/${role?.id ?? ''}`, admin);
    const demo = await tokenFor('demo', 'demo', { project: { id: project } });
    const answer = await ask(demo);
    const roles = answer.answer === 'authenticated' ? answer.caller.roles.toSorted() : [];
    expect(roles).toEqual(['member', 'reader']);
    expect(answer).toMatchObject({ caller: { userId: user, projectId: project, isAdmin: false } });
    expect(await ask(admin)).toMatchObject({ caller: { isAdmin: true } });
  });

  it('for the system give no role in a project', async () => {
    expect(await ask(await adminToken({ system: { all: true } }))).toMatchObject({
      answer: 'authenticated',
      caller: { roles: [], isAdmin: false },
    });
  });

  it('work no more once they are revoked and the answer about them has aged', async () => {
    const [token, admin] = [await adminToken(), await adminToken()];
    expect((await ask(token)).answer).toBe('authenticated');
    const headers = { 'x-auth-token': admin, 'x-subject-token': token };
    expect((await fetch(`${keystone.authUrl}/auth/tokens`, { method: 'DELETE', headers })).status).toBe(204);
    expect((await ask(token)).answer).toBe('authenticated');
    await clock.advance(CACHE_SECONDS * 1000);
    expect((await ask(token)).answer).toBe('unauthenticated');
  });

  it('that nobody issued are none', async () => {
    expect((await ask('forged')).answer).toBe('unauthenticated');
  });

  it('open the API of the whole program, and nothing else does', async () => {
    const passwordFile = `/tmp/lifeboat-keystone-password-${process.pid}`;
    writeFileSync(passwordFile, `${keystone.adminPassword}\n`, { mode: 0o600 });
    let served: Served | null = null;
    try {
      const { authUrl } = keystone;
      served = await serve(
        configurationSchema.parse({
          listen: { port: 0 },
          store: 'memory:',
          hypervisor: 'simulated',
          images: { kind: 'simulated' },
          hosts: [{ name: 'sim-a' }],
          identity: { kind: 'keystone', authUrl, username: 'admin', passwordFile, projectName: 'admin' },
        }),
        LOG,
      );
      const { url } = served;
      const get = (path: string, headers: Readonly<Record<string, string>>) => fetch(`${url}${path}`, { headers });
      expect((await get('/v2.1/os-services', { 'x-auth-token': await adminToken() })).status).toBe(200);
      const refused = await get('/v2.1/os-services', { 'x-auth-token': 'forged' });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toBe(`Keystone uri="${authUrl}"`);
      expect((await get('/v3', {})).status).toBe(300);
    } finally {
      await served?.stop();
      rmSync(passwordFile, { force: true });
    }
  });

  async function created(path: string, token: string, body: object, key: string): Promise<string> {
    const answer = (await (await call('POST', path, token, body)).json()) as Record<string, { id: string }>;
    return answer[key]?.id ?? '';
  }
});
