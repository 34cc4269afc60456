import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPasswordHash, verifyPassword } from '../../../adapters/identity/password-hash.ts';
import { configurationSchema, readConfiguration } from '../../../adapters/main/configuration.ts';
import { serve, type Served } from '../../../adapters/main/serve.ts';
import { makeTemporaryDirectory } from '../../lab/temporary-directory.ts';
import { PASSWORD, sampleIdentityFile } from '../../support/identity-files.ts';

const said: string[] = [];
const note = (fields: object, message: string): void => void said.push(`${message} ${JSON.stringify(fields)}`);
const LOG = { info: note, warn: note, error: note };
const SIMULATED = {
  listen: { port: 0 },
  store: 'memory:',
  hypervisor: 'simulated',
  images: { kind: 'simulated' },
  hosts: [{ name: 'sim-a' }],
};

let directory: ReturnType<typeof makeTemporaryDirectory>;
let served: Served | null;
beforeEach(() => {
  directory = makeTemporaryDirectory('/tmp/lifeboat-identity-');
  served = null;
  said.length = 0;
});
afterEach(async () => {
  await served?.stop();
  directory.remove();
});

const configurationWith = (rest: object) => configurationSchema.parse({ ...SIMULATED, ...rest });
const users = (): string => `${directory.path}/identity.json`;
const withUsers = () => configurationWith({ identity: { kind: 'static', file: users() } });

async function login(url: string, password: string): Promise<Response> {
  const domain = { name: 'Default' };
  const user = { name: 'admin', domain, password };
  const scope = { project: { name: 'admin', domain } };
  const auth = { identity: { methods: ['password'], password: { user } }, scope };
  return fetch(`${url}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth }),
  });
}

describe('the program', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.org'])(
    'refuses to listen on %s where nobody is asked, and says why',
    async (address) => {
      await expect(serve(configurationWith({ listen: { address, port: 0 } }), LOG)).rejects.toThrow(
        `listen.address: found ${address}; expected a loopback address`,
      );
    },
  );

  it('listens anywhere where tokens are asked for', async () => {
    writeFileSync(users(), JSON.stringify(sampleIdentityFile()));
    served = await serve({ ...withUsers(), listen: { address: '0.0.0.0', port: 0 } }, LOG);
    expect((await fetch(`${served.url}/v2.1/servers`)).status).toBe(401);
  });

  it('names itself in the catalog, by the address that the client has used', async () => {
    writeFileSync(users(), JSON.stringify(sampleIdentityFile()));
    served = await serve(withUsers(), LOG);
    const { token } = (await (await login(served.url, PASSWORD)).json()) as {
      token: { catalog: { type: string; endpoints: { url: string }[] }[] };
    };
    const { url } = served;
    expect(token.catalog.map(({ type, endpoints }) => [type, endpoints[0]?.url])).toEqual([
      ['identity', `${url}/v3`],
      ['compute', `${url}/v2.1`],
      ['image', `${url}/image`],
    ]);
  });

  it('takes up a changed file of users, and keeps the old one when the new one cannot be used', async () => {
    writeFileSync(users(), JSON.stringify(sampleIdentityFile()));
    const configuration = withUsers();
    served = await serve(configuration, LOG);
    writeFileSync(users(), '{"projects": [], "users": [{"name": "admin"');
    await expect(served.reconfigure(configuration)).rejects.toThrow('it is not JSON');
    expect((await login(served.url, PASSWORD)).status).toBe(201);
    writeFileSync(users(), JSON.stringify(sampleIdentityFile('another one')));
    await served.reconfigure(configuration);
    expect((await login(served.url, PASSWORD)).status).toBe(401);
    expect((await login(served.url, 'another one')).status).toBe(201);
  });

  it('does not start without its file of users', async () => {
    await expect(serve(withUsers(), LOG)).rejects.toThrow(`identity.file: ${users()} cannot be read`);
  });

  it('writes no password and no token into its log', async () => {
    writeFileSync(users(), JSON.stringify(sampleIdentityFile()));
    served = await serve(withUsers(), LOG);
    await login(served.url, 'a wrong one');
    const token = (await login(served.url, PASSWORD)).headers.get('x-subject-token') ?? 'none';
    const headers = { 'x-auth-token': token };
    expect((await fetch(`${served.url}/v2.1/servers`, { headers })).status).toBe(200);
    expect(said.length).toBeGreaterThan(0);
    const log = said.join('\n');
    for (const secret of [PASSWORD, 'a wrong one', token, 'scrypt']) expect(log).not.toContain(secret);
  });

  it.each([
    ['an unknown kind', { kind: 'ldap' }],
    ['a file that is no absolute path', { kind: 'static', file: 'identity.json' }],
    ['a password in the configuration', { kind: 'keystone', authUrl: 'http://k/v3', username: 'u', password: 'p' }],
    ['no URL of Keystone', { kind: 'keystone', authUrl: 'ftp://k', username: 'u', passwordFile: '/p' }],
  ])('refuses a configuration with %s', (_what, identity) => {
    const path = `${directory.path}/lifeboat.json`;
    writeFileSync(path, JSON.stringify({ ...SIMULATED, identity }));
    expect(readConfiguration(path, {}).valid).toBe(false);
    rmSync(path);
  });
});

describe('lifeboat identity hash-password', () => {
  const hashOf = (input: string) =>
    spawnSync(process.execPath, ['adapters/cli/lifeboat.ts', 'identity', 'hash-password'], { input, encoding: 'utf8' });

  it.each([
    ['the whole input', 'correct horse', 'correct horse'],
    ['the first line only', 'correct horse\r\nbattery', 'correct horse'],
  ])('hashes %s', async (_what, input, password) => {
    const { status, stdout, stderr } = hashOf(input);
    expect([status, stderr]).toEqual([0, '']);
    expect(isPasswordHash(stdout.trim())).toBe(true);
    expect(await verifyPassword(password, stdout.trim())).toBe(true);
  });

  it('makes no hash of nothing', () => {
    const { status, stdout, stderr } = hashOf('\n');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('no password');
  });
});
