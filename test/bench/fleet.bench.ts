import { z } from 'zod';
import { waitUntil } from '../lab/wait-until.ts';
import type { BenchRow } from './bench-row.ts';
import { ComputeUnderLoad } from './compute-under-load.ts';
import { load, requestBytes, type Load } from './http-load.ts';

const HOSTS = 1000;
const SERVERS = 20_000;
const IN_FLIGHT = 500;
/** Long enough that all are under way at once while the requests are measured. */
const MIGRATION_SECONDS = 60;
const CREATED_DEADLINE_MS = 600_000;
const IN_FLIGHT_DEADLINE_MS = 120_000;
/** Longer than the copies: the rest of what a migration does is done by one process, for all of them at once. */
const ENDED_DEADLINE_MS = 300_000;
const POLL_INTERVAL_MS = 1000;
const LOAD_SECONDS = 5;
const CONNECTIONS = 4;
const P99_MS_MAX = 20;
const MIGRATE = JSON.stringify({ 'os-migrateLive': { host: null, block_migration: 'auto' } });

const SERVERS_PAGE = z.object({ servers: z.array(z.object({ id: z.string() })) });
const MIGRATIONS = z.object({ migrations: z.array(z.object({ status: z.string() })) });

/** GETs of one process that has a thousand hosts and carries out five hundred migrations; some minutes, to create servers. */
export async function benchFleet(): Promise<readonly BenchRow[]> {
  const compute = await ComputeUnderLoad.start({ hosts: HOSTS, migrationSeconds: MIGRATION_SECONDS });
  try {
    await compute.create(SERVERS);
    await none(compute, 'BUILD');
    const { servers } = SERVERS_PAGE.parse(await compute.get(`/servers?limit=${IN_FLIGHT}`));
    await migrate(compute, servers);
    const one = servers[0]?.id ?? '';
    const rows: BenchRow[] = [];
    for (const path of [
      `/servers/${one}`,
      '/servers/detail?limit=100',
      `/servers/${one}/os-instance-actions`,
      `/os-migrations?instance_uuid=${one}`,
    ]) {
      rows.push(rowOf(path.replace(one, '{id}'), await get(compute, path)));
    }
    const running = await countOf(compute, 'running');
    if (running < IN_FLIGHT) throw new Error(`only ${running} migrations were still under way after the requests`);
    const mib = compute.process.residentMib();
    return [...rows, memoryRow(mib, await completed(compute, servers.length))];
  } finally {
    await compute.stop();
  }
}

async function none(compute: ComputeUnderLoad, status: string): Promise<void> {
  const isSo = async (): Promise<true | null> =>
    SERVERS_PAGE.parse(await compute.get(`/servers?limit=1&status=${status}`)).servers.length === 0 ? true : null;
  const reached = await waitUntil(isSo, { deadlineMs: CREATED_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS });
  if (reached === null) throw new Error(`servers stayed ${status}`);
}

async function migrate(compute: ComputeUnderLoad, servers: readonly { readonly id: string }[]): Promise<void> {
  const requests = servers.map(({ id }) => {
    const headers = { ...compute.headers, 'content-type': 'application/json' };
    return requestBytes('POST', compute.urlOf(`/servers/${id}/action`), headers, MIGRATE);
  });
  const { url, cpuMicroseconds } = compute.process;
  const next = (): Buffer | null => requests.pop() ?? null;
  await load({ url, connections: CONNECTIONS, next, expectedStatus: 202, cpuMicroseconds });
  const areRunning = async (): Promise<true | null> =>
    (await countOf(compute, 'running')) >= servers.length ? true : null;
  const reached = await waitUntil(areRunning, { deadlineMs: IN_FLIGHT_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS });
  if (reached === null) {
    throw new Error(`only ${await countOf(compute, 'running')} of ${servers.length} copies were under way at once`);
  }
}

/** How many have completed, once that is all of them: a migration that never ends was starved. */
async function completed(compute: ComputeUnderLoad, count: number): Promise<number> {
  const haveCompleted = async (): Promise<true | null> =>
    (await countOf(compute, 'completed')) >= count ? true : null;
  const reached = await waitUntil(haveCompleted, { deadlineMs: ENDED_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS });
  const ended = await countOf(compute, 'completed');
  if (reached === null) throw new Error(`only ${ended} of ${count} migrations have completed`);
  return ended;
}

async function countOf(compute: ComputeUnderLoad, status: string): Promise<number> {
  return MIGRATIONS.parse(await compute.get(`/os-migrations?status=${status}`)).migrations.length;
}

function get(compute: ComputeUnderLoad, path: string): Promise<Load> {
  const url = compute.urlOf(path);
  const request = requestBytes('GET', url, compute.headers);
  const endsAt = performance.now() + LOAD_SECONDS * 1000;
  const next = (): Buffer | null => (performance.now() < endsAt ? request : null);
  const { cpuMicroseconds } = compute.process;
  return load({ url, connections: CONNECTIONS, next, expectedStatus: 200, cpuMicroseconds });
}

const rowOf = (path: string, { p99Ms, requestsPerSecond }: Load): BenchRow => ({
  name: `GET ${path}, p99, ${HOSTS} hosts, ${SERVERS} servers, ${IN_FLIGHT} migrations under way`,
  ours: p99Ms,
  peer: P99_MS_MAX,
  unit: 'ms',
  ratio: p99Ms / P99_MS_MAX,
  bar: `at most ${P99_MS_MAX} ms (${requestsPerSecond.toFixed(0)} /s)`,
  pass: p99Ms <= P99_MS_MAX,
});

const memoryRow = (mib: number, ended: number): BenchRow => ({
  name: `memory of that process with ${IN_FLIGHT} copies under way`,
  ours: mib,
  peer: mib,
  unit: 'MiB',
  ratio: 1,
  bar: `none starved: ${ended} completed`,
  pass: ended === IN_FLIGHT,
});
