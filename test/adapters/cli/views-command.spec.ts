import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openEventStore } from '../../../adapters/event-store/open-event-store.ts';
import { configurationSchema } from '../../../adapters/main/configuration.ts';
import { serve, type Served } from '../../../adapters/main/serve.ts';
import { SystemClock } from '../../../adapters/system/system-clock.ts';
import { flavorStream } from '../../../application/catalogue-aggregates.ts';
import { instant } from '../../../domain/shared/ids.ts';
import { makeTemporaryDirectory } from '../../lab/temporary-directory.ts';
import { PASSWORD, sampleIdentityFile } from '../../support/identity-files.ts';
import { type LifeboatRun, runLifeboat } from './run-lifeboat.ts';

const DEADLINE_MS = 60_000;
const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
const METADATA = { correlationId: 'req', causationId: 'req', actor: 'a bug' };

const directory = makeTemporaryDirectory('/tmp/lifeboat-views-');
const store = `sqlite:${directory.path}/events.db`;
const BASE = {
  listen: { port: 0 },
  hypervisor: 'simulated',
  images: { kind: 'simulated' },
  hosts: [{ name: 'sim-a' }],
};
let open: Served;
let guarded: Served;
beforeAll(async () => {
  const file = `${directory.path}/identity.json`;
  writeFileSync(file, JSON.stringify(sampleIdentityFile()));
  open = await serve(configurationSchema.parse({ ...BASE, store }), LOG);
  const identity = { kind: 'static', file };
  guarded = await serve(configurationSchema.parse({ ...BASE, store: 'memory:', identity }), LOG);
}, DEADLINE_MS);
afterEach(() => void vi.unstubAllEnvs());
afterAll(async () => {
  await Promise.all([open.stop(), guarded.stop()]);
  directory.remove();
});

function views(variables: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<LifeboatRun> {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return runLifeboat('views', ...words);
}
const here = () => ({ OS_ENDPOINT: `${open.url}/v2.1` });
const flavors = async (): Promise<{ readonly state: string; readonly skippedEvents: readonly string[] }> => {
  const { stdout } = await views(here(), '--json');
  const found = stdout.split('\n').find((line) => line.includes('"name":"flavors"'));
  return JSON.parse(found ?? 'null');
};

/** As only a bug could write it: the flavor is not there. */
async function poison(): Promise<string> {
  const { eventStore } = await openEventStore({ key: 'store', url: store }, new SystemClock());
  const id = randomUUID();
  const data = { type: 'FlavorDeleted', at: instant('2026-11-23T20:00:00.000Z') } as const;
  await eventStore.append(flavorStream('9'), 'none', [{ id, data, metadata: METADATA }]);
  await eventStore.close();
  return id;
}

describe('lifeboat views, on a living API', { timeout: DEADLINE_MS }, () => {
  it('shows a row for each view, and one JSON object for each', async () => {
    const { status, stdout } = await views(here());
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^servers +following +\d+ +0 +0$/m)]);
    expect(await flavors()).toMatchObject({ state: 'following', skippedEvents: [] });
  });

  it('names the event at which a view stands still and exits with 1; retried, skipped, it goes on', async () => {
    const id = await poison();
    await vi.waitFor(async () => expect((await flavors()).state).toBe('stopped'), DEADLINE_MS);
    const told = await views(here());
    expect([told.status, told.stdout]).toEqual([
      1,
      expect.stringContaining(`flavors stands still at FlavorDeleted ${id}`),
    ]);
    expect(told.stdout).toContain(`lifeboat views skip flavors ${id}`);
    expect((await views(here(), 'retry', 'flavors')).stdout).toContain('Recorded for the view flavors');
    const another = await views(here(), 'skip', 'flavors', randomUUID());
    expect([another.status, another.stderr]).toEqual([1, expect.stringContaining(`another event, ${id}. (409)`)]);
    expect((await views(here(), 'skip', 'flavors', id)).status).toBe(0);
    await vi.waitFor(
      async () => expect(await flavors()).toMatchObject({ state: 'following', skippedEvents: [id] }),
      DEADLINE_MS,
    );
    expect((await views(here(), 'rebuild', 'flavors')).status).toBe(0);
  });

  it('is for administrators, who log in as with openstack', async () => {
    const user = { OS_AUTH_URL: `${guarded.url}/v3`, OS_USERNAME: 'admin', OS_PROJECT_NAME: 'admin' };
    expect((await views({ OS_ENDPOINT: `${guarded.url}/v2.1` })).stderr).toMatch(/^lifeboat: .* \(401\)\n$/);
    vi.unstubAllEnvs();
    expect((await views({ ...user, OS_PASSWORD: 'wrong' })).stderr).toContain('gives no token (401)');
    expect((await views({ ...user, OS_PASSWORD: PASSWORD }, 'rebuild', 'servers')).status).toBe(0);
  });
});

describe('lifeboat views, where nothing of Lifeboat answers', { timeout: DEADLINE_MS }, () => {
  it('says who answered instead, in one sentence', async () => {
    const server: Server = createServer((_request, response) => response.end('<html>'));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const { status, stderr } = await views({ OS_ENDPOINT: url });
    server.close();
    expect([status, stderr]).toEqual([
      1,
      `lifeboat: ${url}/lifeboat/views answers (200) as no Compute API of Lifeboat does; check OS_AUTH_URL or OS_ENDPOINT\n`,
    ]);
  });
});
