import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { SIMULATED_IMAGE } from '../../adapters/simulated/simulated-image-catalogue.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { PASSWORD, sampleIdentityFile } from '../support/identity-files.ts';
import { MeasuredProcess } from './measured-process.ts';

/** The one that the recorded figures of Nova were taken at. */
const MICROVERSION = '2.93';
const SERVERS_DEADLINE_MS = 300_000;
const POLL_INTERVAL_MS = 200;
const AT_ONCE_MAX = 90;

const LISTED = z.object({ servers: z.array(z.object({ id: z.string(), status: z.string() })) });
const CREATED = z.object({ server: z.object({ id: z.string() }) });
const MIGRATIONS = z.object({ migrations: z.array(z.object({ status: z.string() })) });

/**
 * This program as operators start it: the store in SQLite, users with passwords and tokens; the hosts are simulated,
 * as those of the recorded Nova were. A migration's copy takes 0.1 s.
 */
export class ComputeUnderLoad {
  readonly process: MeasuredProcess;
  readonly headers: Readonly<Record<string, string>>;
  readonly #directory: string;

  private constructor(process: MeasuredProcess, token: string, directory: string) {
    this.process = process;
    this.headers = { 'x-auth-token': token, 'openstack-api-version': `compute ${MICROVERSION}` };
    this.#directory = directory;
  }

  /** `hosts` of them; `migrationSeconds`: how long the copy of each migration takes. */
  static async start({ hosts, migrationSeconds } = { hosts: 4, migrationSeconds: 0.1 }): Promise<ComputeUnderLoad> {
    const directory = mkdtempSync(join(tmpdir(), 'lifeboat-http-bench-'));
    const identityFile = join(directory, 'identity.json');
    writeFileSync(identityFile, JSON.stringify(sampleIdentityFile()), { mode: 0o600 });
    const configuration = {
      listen: { port: 0 },
      store: `sqlite:${join(directory, 'events.db')}`,
      identity: { kind: 'static', file: identityFile },
      hypervisor: 'simulated',
      simulatedMigrationSeconds: migrationSeconds,
      images: { kind: 'simulated' },
      hosts: Array.from({ length: hosts }, (_, number) => ({ name: `host-${number}` })),
    };
    const configurationPath = join(directory, 'configuration.json');
    writeFileSync(configurationPath, JSON.stringify(configuration));
    const started = await MeasuredProcess.start(['adapters/cli/lifeboat.ts', 'serve', '--config', configurationPath]);
    return new ComputeUnderLoad(started, await tokenFrom(started.url), directory);
  }

  async stop(): Promise<void> {
    await this.process.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  urlOf(path: string): URL {
    return new URL(`/v2.1${path}`, this.process.url);
  }

  /** The whole answer to a GET, for the peer to send the same. */
  async answerTo(path: string): Promise<{ readonly headers: Record<string, string>; readonly body: Buffer }> {
    const response = await this.#request(path, null);
    const body = Buffer.from(await response.arrayBuffer());
    const own = [...response.headers].filter(([name]) => !FRAMING.has(name));
    return { headers: Object.fromEntries(own), body };
  }

  /** Creates servers until there are `count`, and resolves with all their ids once every one is active. */
  async fillTo(count: number): Promise<readonly string[]> {
    await this.create(count - (await this.#list()).length);
    const active = async (): Promise<readonly string[] | null> => {
      const servers = await this.#list();
      const isReady = servers.length === count && servers.every(({ status }) => status === 'ACTIVE');
      return isReady ? servers.map(({ id }) => id) : null;
    };
    const ids = await waitUntil(active, { deadlineMs: SERVERS_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS });
    if (ids === null) throw new Error(`${count} servers did not become active`);
    return ids;
  }

  /** Asks for so many more servers, and does not wait until they are active. */
  async create(count: number): Promise<void> {
    for (let left = count; left > 0; left -= AT_ONCE_MAX) await this.#create(Math.min(AT_ONCE_MAX, left));
  }

  /** What `GET` answers, as JSON. */
  async get(path: string): Promise<unknown> {
    return (await this.#request(path, null)).json();
  }

  /** Resolves once no migration of the server is under way; rejects when the newest did not complete. */
  async migrated(server: string): Promise<void> {
    const ended = async (): Promise<string | null> => {
      const response = await this.#request(`/os-migrations?instance_uuid=${server}`, null);
      const status = MIGRATIONS.parse(await response.json()).migrations[0]?.status ?? '';
      return ['completed', 'error', 'failed'].includes(status) ? status : null;
    };
    const status = await waitUntil(ended, { deadlineMs: SERVERS_DEADLINE_MS });
    if (status !== 'completed') throw new Error(`a migration ended with ${status}`);
  }

  async #list(): Promise<readonly { readonly id: string; readonly status: string }[]> {
    return LISTED.parse(await (await this.#request('/servers/detail', null)).json()).servers;
  }

  async #create(count: number): Promise<void> {
    const wanted = { name: 'web', imageRef: SIMULATED_IMAGE, flavorRef: '0', networks: 'none' };
    const several = count === 1 ? {} : { min_count: count, max_count: count };
    CREATED.parse(await (await this.#request('/servers', { server: { ...wanted, ...several } })).json());
  }

  #request(path: string, body: object | null): Promise<Response> {
    return fetch(this.urlOf(path), {
      method: body === null ? 'GET' : 'POST',
      headers: { ...this.headers, ...(body === null ? {} : { 'content-type': 'application/json' }) },
      body: body === null ? null : JSON.stringify(body),
    });
  }
}

/** Made anew for each answer by whatever sends it. */
const FRAMING: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'content-length', 'date']);

async function tokenFrom(url: URL): Promise<string> {
  const inDefault = { domain: { name: 'Default' } };
  const user = { name: 'admin', password: PASSWORD, ...inDefault };
  const identity = { methods: ['password'], password: { user } };
  const response = await fetch(new URL('/v3/auth/tokens', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope: { project: { name: 'admin', ...inDefault } } } }),
  });
  const token = response.headers.get('x-subject-token');
  if (token === null) throw new Error(`no token: ${response.status} ${await response.text()}`);
  return token;
}
