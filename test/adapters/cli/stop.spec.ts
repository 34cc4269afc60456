import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SIMULATED_IMAGE } from '../../../adapters/simulated/simulated-image-catalogue.ts';
import { waitUntil } from '../../lab/wait-until.ts';

const DEADLINE_MS = 30_000;
const LIFEBOAT = new URL('../../../adapters/cli/lifeboat.ts', import.meta.url).pathname;
const HOUR_SECONDS = 3600;
const CREATED = z.object({ server: z.object({ id: z.string() }) });
const SHOWN = z.object({ server: z.object({ status: z.string() }) });
const MIGRATIONS = z.object({ migrations: z.array(z.object({ status: z.string() })) });

describe('a lifeboat that is asked to stop while a copy is under way', () => {
  let directory: string;
  let lifeboat: ChildProcess | null = null;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lifeboat-stop-'));
  });

  afterEach(() => {
    lifeboat?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  it('ends when its grace is over, however long the copy would take', { timeout: DEADLINE_MS }, async () => {
    const file = join(directory, 'lifeboat.json');
    const settings = {
      listen: { port: 0 },
      store: `sqlite:${join(directory, 'events.db')}`,
      hypervisor: 'simulated',
      simulatedMigrationSeconds: HOUR_SECONDS,
      stopGraceSeconds: 0.1,
      images: { kind: 'simulated' },
      hosts: [{ name: 'one' }, { name: 'two' }],
    };
    writeFileSync(file, JSON.stringify(settings));
    const child = spawn(process.execPath, [LIFEBOAT, 'serve', '--config', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    lifeboat = child;
    const log: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
    const address = (): string | null => /"url":"([^"]+)"/.exec(log.join())?.[1] ?? null;
    await copyUnderWay((await waitUntil(address, { deadlineMs: DEADLINE_MS })) ?? '');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(log.at(-1)).toContain('Not everything that was under way has ended');
  });
});

/** Creates a server, asks for its migration, and waits until the copy has begun. */
async function copyUnderWay(url: string): Promise<void> {
  const call = async (path: string, body: object | null): Promise<unknown> => {
    const headers = { 'openstack-api-version': 'compute 2.93', 'content-type': 'application/json' };
    const request = body === null ? {} : { method: 'POST', body: JSON.stringify(body) };
    const text = await (await fetch(`${url}/v2.1${path}`, { headers, ...request })).text();
    return text === '' ? null : JSON.parse(text);
  };
  const wanted = { name: 'web', imageRef: SIMULATED_IMAGE, flavorRef: '0', networks: 'none' };
  const { id } = CREATED.parse(await call('/servers', { server: wanted })).server;
  const isActive = async (): Promise<true | null> =>
    SHOWN.parse(await call(`/servers/${id}`, null)).server.status === 'ACTIVE' ? true : null;
  expect(await waitUntil(isActive, { deadlineMs: DEADLINE_MS })).toBe(true);
  await call(`/servers/${id}/action`, { 'os-migrateLive': { host: null, block_migration: 'auto' } });
  const isRunning = async (): Promise<true | null> =>
    MIGRATIONS.parse(await call('/os-migrations', null)).migrations[0]?.status === 'running' ? true : null;
  expect(await waitUntil(isRunning, { deadlineMs: DEADLINE_MS })).toBe(true);
}
