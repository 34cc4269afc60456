import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addServerCommands } from '../../../adapters/cli/server-commands.ts';
import { configurationSchema } from '../../../adapters/main/configuration.ts';
import { serve, type Served } from '../../../adapters/main/serve.ts';
import { SIMULATED_IMAGE, SIMULATED_RESCUE_IMAGE } from '../../../adapters/simulated/simulated-image-catalogue.ts';
import { makeTemporaryDirectory } from '../../lab/temporary-directory.ts';
import { waitUntil } from '../../lab/wait-until.ts';
import { PASSWORD, sampleIdentityFile } from '../../support/identity-files.ts';

const DEADLINE_MS = 60_000;
const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

const directory = makeTemporaryDirectory('/tmp/lifeboat-commands-');
let served: Served;
let login: Readonly<Record<string, string>>;
let token: string;
beforeAll(async () => {
  const file = `${directory.path}/identity.json`;
  writeFileSync(file, JSON.stringify(sampleIdentityFile()));
  served = await serve(
    configurationSchema.parse({
      listen: { port: 0 },
      store: 'memory:',
      hypervisor: 'simulated',
      simulatedMigrationSeconds: 5,
      images: { kind: 'simulated' },
      hosts: [{ name: 'sim-a' }, { name: 'sim-b' }],
      identity: { kind: 'static', file },
    }),
    LOG,
  );
  const user = { OS_USERNAME: 'admin', OS_PASSWORD: PASSWORD, OS_PROJECT_NAME: 'admin' };
  login = { OS_AUTH_URL: `${served.url}/v3`, ...user };
  token = await loggedIn();
});
afterAll(async () => {
  await served.stop();
  directory.remove();
});

async function loggedIn(): Promise<string> {
  const domain = { name: 'Default' };
  const user = { name: 'admin', domain, password: PASSWORD };
  const auth = {
    identity: { methods: ['password'], password: { user } },
    scope: { project: { name: 'admin', domain } },
  };
  const body = JSON.stringify({ auth });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${served.url}/v3/auth/tokens`, { method: 'POST', headers, body });
  return answer.headers.get('x-subject-token') ?? '';
}

const call = (method: string, path: string, body?: object) =>
  fetch(`${served.url}/v2.1${path}`, {
    method,
    headers: { 'x-auth-token': token, 'content-type': 'application/json', 'openstack-api-version': 'compute 2.90' },
    body: body === undefined ? null : JSON.stringify(body),
  });

type Shown = {
  readonly status: string;
  readonly 'OS-EXT-SRV-ATTR:host': string;
  readonly 'OS-EXT-STS:task_state': unknown;
};

async function until(id: string, status: string): Promise<Shown> {
  const reached = async (): Promise<Shown | null> => {
    const { server } = (await (await call('GET', `/servers/${id}`)).json()) as { server: Shown };
    return server.status === status && server['OS-EXT-STS:task_state'] === null ? server : null;
  };
  const server = await waitUntil(reached, { deadlineMs: DEADLINE_MS });
  if (server === null) throw new Error(`the server did not become ${status}`);
  return server;
}

async function rescuedServer(name: string): Promise<string> {
  const created = await call('POST', '/servers', {
    server: { name, imageRef: SIMULATED_IMAGE, flavorRef: '0', networks: 'none' },
  });
  const { server } = (await created.json()) as { server: { id: string } };
  await until(server.id, 'ACTIVE');
  await call('POST', `/servers/${server.id}/action`, { rescue: { rescue_image_ref: SIMULATED_RESCUE_IMAGE } });
  await until(server.id, 'RESCUE');
  return server.id;
}

/** Costs no password check. */
const byToken = () => ({ OS_ENDPOINT: `${served.url}/v2.1/`, OS_TOKEN: token });

/** In this process, as a shell with these variables would; what the command prints, or the sentence it fails with. */
async function lifeboat(argv: readonly string[], variables = login): Promise<string> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const program = new Command();
  addServerCommands(program);
  try {
    await program.parseAsync(['server', ...argv], { from: 'user' });
    return printed.mock.calls.flat().join('\n');
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    printed.mockRestore();
    vi.unstubAllEnvs();
  }
}

// Longer than any wait within: on a busy machine a migration and its login take their time.
describe('lifeboat server', { timeout: 2 * DEADLINE_MS }, () => {
  it('live migrates a rescued server, waits for it, and says where it is', async () => {
    const id = await rescuedServer('web');
    const { 'OS-EXT-SRV-ATTR:host': before } = await until(id, 'RESCUE');
    const destination = before === 'sim-a' ? 'sim-b' : 'sim-a';
    expect(await lifeboat(['live-migrate', 'web'])).toContain(`Migrated: web is RESCUE on ${destination}.`);
    expect((await until(id, 'RESCUE'))['OS-EXT-SRV-ATTR:host']).toBe(destination);
  });

  it('aborts a migration under way: the server stays where it is', async () => {
    const id = await rescuedServer('slow');
    const { 'OS-EXT-SRV-ATTR:host': before } = await until(id, 'RESCUE');
    expect(await lifeboat(['live-migrate', id, '--no-wait'])).toContain('Asked: live migration of slow');
    const asked = await waitUntil(
      async () => {
        const said = await lifeboat(['abort-migration', id], byToken());
        return said.startsWith('failed:') ? null : said;
      },
      { deadlineMs: DEADLINE_MS },
    );
    expect(asked).toContain('Asked: abort of migration');
    expect((await until(id, 'RESCUE'))['OS-EXT-SRV-ATTR:host']).toBe(before);
  });

  it('works with an endpoint and a token, too', async () => {
    expect(await lifeboat(['abort-migration', 'web'], byToken())).toBe('failed: web is not being live migrated');
  });

  it('says what is refused, in the words of the API', async () => {
    await rescuedServer('twin');
    await rescuedServer('twin');
    const cases: readonly (readonly [readonly string[], string])[] = [
      [['live-migrate', 'web', '--host', 'nowhere'], 'Compute host nowhere could not be found. (400)'],
      [['live-migrate', 'nobody'], 'there is no server nobody in this project'],
      [['live-migrate', 'twin'], 'more than one server is called twin; give the id'],
      [['live-migrate', 'web', '--timeout', 'soon'], '--timeout: found soon; expected a number of seconds'],
      [['force-complete-migration', 'web'], 'web is not being live migrated'],
    ];
    for (const [argv, sentence] of cases) expect(await lifeboat(argv)).toBe(`failed: ${sentence}`);
  });

  it('never repeats a password', async () => {
    const said = await lifeboat(['live-migrate', 'web'], { ...login, OS_PASSWORD: 'a wrong one' });
    expect(said).toContain('gives no token (401)');
    expect(said).not.toContain('a wrong one');
  });
});
