import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchRow } from './bench-row.ts';
import { ComputeUnderLoad } from './compute-under-load.ts';
import { Connection, load, requestBytes, type Load } from './http-load.ts';
import { MeasuredProcess } from './measured-process.ts';
import { median } from './rounds.ts';

/** Of real Nova on two cores, the best of its configurations, by the same load: 4 connections that ask without a pause. */
const NOVA = {
  tenServersPerSecond: 32,
  twoHundredServersPerSecond: 4.8,
  instanceActionsPerSecond: 125,
  acceptedMs: 48,
  apiResidentMib: 351,
};
const LIST_TIMES = 60;
const ACTIONS_TIMES = 30;
const ACCEPTED_PART = 20;

const CONNECTIONS = 4;
const ROUNDS = 5;
const ROUND_SECONDS = 1.5;
const WARM_UP_SECONDS = 1;
const FEW_SERVERS = 10;
const MANY_SERVERS = 1000;
const MIGRATIONS_IN_TURN = 30;
const MIGRATIONS_AT_ONCE = 200;
const MIGRATE = JSON.stringify({ 'os-migrateLive': { host: null, block_migration: 'auto' } });

/** Takes about a minute and a half. Linux only: processor time and memory are read from /proc. */
export async function benchHttp(): Promise<readonly BenchRow[]> {
  const compute = await ComputeUnderLoad.start();
  try {
    const fresh = compute.process.residentMib();
    const [server = ''] = await compute.fillTo(FEW_SERVERS);
    const few = await measureGet(compute, '/servers/detail');
    const actions = await measureGet(compute, `/servers/${server}/os-instance-actions`);
    const servers = await compute.fillTo(MANY_SERVERS);
    const many = await measureGet(compute, '/servers/detail');
    const inTurn = await migrateInTurn(compute, servers.slice(0, MIGRATIONS_IN_TURN));
    const atOnce = await migrateAtOnce(compute, servers.slice(-MIGRATIONS_AT_ONCE));
    const used = compute.process.residentMib();
    return [
      ...rowsOf('GET /servers/detail, 10 servers', few, LIST_TIMES * NOVA.tenServersPerSecond),
      ...rowsOf('GET os-instance-actions', actions, ACTIONS_TIMES * NOVA.instanceActionsPerSecond),
      ...rowsOf('GET /servers/detail, 1,000 servers', many, LIST_TIMES * NOVA.twoHundredServersPerSecond),
      ...acceptedRows(inTurn, atOnce),
      memoryRow(`memory of the process, ${MANY_SERVERS} servers, after all this (fresh: ${fresh.toFixed(0)})`, used),
    ];
  } finally {
    await compute.stop();
  }
}

type Sides = { readonly ours: readonly Load[]; readonly peer: readonly Load[] };

/** By turns with a bare fastify that sends the same bytes. */
async function measureGet(compute: ComputeUnderLoad, path: string): Promise<Sides> {
  const { headers, body } = await compute.answerTo(path);
  const url = compute.urlOf(path);
  const bare = await startBare([
    { method: 'GET', path: url.pathname, status: 200, headers, body: body.toString('base64') },
  ]);
  try {
    const ours: Load[] = [];
    const peer: Load[] = [];
    await get(compute.process, url, compute.headers, WARM_UP_SECONDS);
    await get(bare, new URL(url.pathname, bare.url), compute.headers, WARM_UP_SECONDS);
    for (let round = 0; round < ROUNDS; round += 1) {
      peer.push(await get(bare, new URL(url.pathname, bare.url), compute.headers, ROUND_SECONDS));
      ours.push(await get(compute.process, url, compute.headers, ROUND_SECONDS));
    }
    return { ours, peer };
  } finally {
    await bare.stop();
  }
}

function get(process: MeasuredProcess, url: URL, headers: Readonly<Record<string, string>>, seconds: number) {
  const request = requestBytes('GET', url, headers);
  const endsAt = performance.now() + seconds * 1000;
  const next = (): Buffer | null => (performance.now() < endsAt ? request : null);
  const { cpuMicroseconds } = process;
  return load({ url, connections: CONNECTIONS, next, expectedStatus: 200, cpuMicroseconds });
}

async function startBare(answers: readonly object[]): Promise<MeasuredProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'lifeboat-bare-'));
  try {
    const path = join(directory, 'answers.json');
    writeFileSync(path, JSON.stringify(answers));
    return await MeasuredProcess.start([join(import.meta.dirname, 'bare-fastify.bench.ts'), path]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const migration = (compute: ComputeUnderLoad, server: string) => {
  const url = compute.urlOf(`/servers/${server}/action`);
  return requestBytes('POST', url, { ...compute.headers, 'content-type': 'application/json' }, MIGRATE);
};

/** One after another, each until it has completed, as Nova was measured: milliseconds to each 202. */
async function migrateInTurn(compute: ComputeUnderLoad, servers: readonly string[]): Promise<readonly number[]> {
  const connection = await Connection.open(compute.process.url);
  const latencies: number[] = [];
  for (const server of servers) {
    const asked = performance.now();
    const status = await connection.ask(migration(compute, server));
    latencies.push(performance.now() - asked);
    if (status !== 202) throw new Error(`os-migrateLive was answered ${status}`);
    await compute.migrated(server);
  }
  connection.close();
  return latencies;
}

/** Each server once, without waiting for what becomes of it. */
function migrateAtOnce(compute: ComputeUnderLoad, servers: readonly string[]): Promise<Load> {
  const requests = servers.map((server) => migration(compute, server));
  const next = (): Buffer | null => requests.pop() ?? null;
  const { url, cpuMicroseconds } = compute.process;
  return load({ url, connections: CONNECTIONS, next, expectedStatus: 202, cpuMicroseconds });
}

const medianOf = (loads: readonly Load[], figure: (one: Load) => number): number => median(loads.map(figure));

function rowsOf(name: string, { ours, peer }: Sides, perSecondMin: number): readonly BenchRow[] {
  const compared = (part: string, unit: string, figure: (one: Load) => number) => {
    const [mine, theirs] = [medianOf(ours, figure), medianOf(peer, figure)];
    return { name: `${name}${part}`, ours: mine, peer: theirs, unit, ratio: mine / theirs };
  };
  const rate = compared(', against a bare route', '/s', ({ requestsPerSecond }) => requestsPerSecond);
  const none = { bar: 'none', pass: true };
  return [
    { ...rate, bar: `at least ${perSecondMin} /s`, pass: rate.ours >= perSecondMin },
    { ...compared(', p99', 'ms', ({ p99Ms }) => p99Ms), ...none },
    { ...compared(', processor time', 'µs', ({ serverMicroseconds }) => serverMicroseconds), ...none },
  ];
}

function acceptedRows(inTurn: readonly number[], atOnce: Load): readonly BenchRow[] {
  const msMax = NOVA.acceptedMs / ACCEPTED_PART;
  const ours = median(inTurn);
  const slowest = Math.max(...inTurn);
  const byNova = (name: string, figure: number) => ({ name, ours: figure, peer: NOVA.acceptedMs, unit: 'ms' });
  return [
    {
      ...byNova('os-migrateLive, 202, one migration after another, against the recorded Nova', ours),
      ratio: ours / NOVA.acceptedMs,
      bar: `at most ${msMax} ms (slowest of ${inTurn.length}: ${slowest.toFixed(1)} ms)`,
      pass: ours <= msMax,
    },
    {
      ...byNova(`the same, ${atOnce.requests} servers, ${CONNECTIONS} at a time`, atOnce.p50Ms),
      ratio: atOnce.p50Ms / NOVA.acceptedMs,
      bar: `none (${atOnce.requestsPerSecond.toFixed(0)} /s, p99 ${atOnce.p99Ms.toFixed(1)} ms)`,
      pass: true,
    },
  ];
}

const memoryRow = (name: string, used: number): BenchRow => ({
  name: `${name}, against nova-api with 2 workers`,
  ours: used,
  peer: NOVA.apiResidentMib,
  unit: 'MiB',
  ratio: used / NOVA.apiResidentMib,
  bar: 'ratio at most 1',
  pass: used <= NOVA.apiResidentMib,
});
