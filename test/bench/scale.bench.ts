import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { SIMULATED_IMAGE } from '../../adapters/simulated/simulated-image-catalogue.ts';
import { openEventStore } from '../../adapters/event-store/open-event-store.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import { findSubject, stateAt } from '../../application/audit/audit-subject.ts';
import { READ_EVENTS_MAX } from '../../application/ports/event-store.ts';
import { waitUntil } from '../lab/wait-until.ts';
import type { BenchRow } from './bench-row.ts';
import { MeasuredProcess } from './measured-process.ts';
import { median } from './rounds.ts';
import { scaleHost, templateFrom, writeScaleLog } from './scale-log.ts';

const SERVERS = 20_000;
const HOSTS = 1000;
const EVENTS_OF_SERVER = 50;
const START_MS_MAX = 3000;
const AUDIT_MS_MAX = 50;
const START_ROUNDS = 5;
const STATUS_DEADLINE_MS = 60_000;
const MICROVERSION = '2.105';

const SHOWN = z.object({
  server: z.object({ id: z.string(), status: z.string(), 'OS-EXT-STS:task_state': z.unknown() }),
});
const CREATED = z.object({ server: z.object({ id: z.string() }) });

/**
 * What a start costs an API process that has a long log: some minutes, most of them to write it, and a gigabyte of
 * temporary disk.
 */
export async function benchScale(): Promise<readonly BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'lifeboat-scale-bench-'));
  try {
    const template = await templateIn(directory);
    const wanted = { servers: SERVERS, hosts: HOSTS, eventsOfServer: EVENTS_OF_SERVER };
    await writeScaleLog(directory, template, wanted);
    const hosts = Array.from({ length: HOSTS }, (_, number) => scaleHost(number));
    const argv = configured(directory, 'events.db', hosts);
    const audit = await auditMs(join(directory, 'events.db'));
    const first = await start(argv);
    const snapshot = join(directory, 'events.db.views');
    await first.process.stop();
    const later: Started[] = [];
    for (let round = 0; round < START_ROUNDS; round += 1) {
      const started = await start(argv);
      await started.process.stop();
      later.push(started);
    }
    const [ours, resident] = [median(later.map(({ ms }) => ms)), median(later.map(({ mib }) => mib))];
    const events = `${SERVERS} servers, a million events`;
    const bytes = `snapshot of ${(statSync(snapshot).size / 1e6).toFixed(0)} MB`;
    return [
      auditRow(audit),
      {
        name: `start of an API process to ready, ${HOSTS} hosts, ${events}, against a start without a snapshot`,
        ours,
        peer: first.ms,
        unit: 'ms',
        ratio: ours / first.ms,
        bar: `at most ${START_MS_MAX} ms (${bytes})`,
        pass: ours <= START_MS_MAX,
      },
      {
        name: 'memory of that process, against one that has replayed',
        ours: resident,
        peer: first.mib,
        unit: 'MiB',
        ratio: resident / first.mib,
        bar: 'none',
        pass: true,
      },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Milliseconds to the state of one server after half of what happened to it, for several servers. */
async function auditMs(file: string): Promise<number> {
  const { eventStore } = await openEventStore({ key: 'store', url: `sqlite:${file}` }, new SystemClock());
  const page = await eventStore.readAll(HOSTS + (SERVERS * EVENTS_OF_SERVER) / 2, READ_EVENTS_MAX);
  const names = new Set(page.flatMap(({ stream }) => (stream.startsWith('instance-') ? [stream.slice(9)] : [])));
  const each: number[] = [];
  for (const name of names) {
    const begin = performance.now();
    const subject = await findSubject(eventStore, name);
    if (subject === null) throw new Error(`the log does not know ${name}`);
    const middle = subject.history[Math.floor(subject.history.length / 2)]?.position ?? 0;
    stateAt(subject, { kind: 'position', position: middle });
    each.push(performance.now() - begin);
  }
  await eventStore.close();
  return median(each);
}

const auditRow = (ours: number): BenchRow => ({
  name: 'state of one server at a position, a million events (audit show --at)',
  ours,
  peer: AUDIT_MS_MAX,
  unit: 'ms',
  ratio: ours / AUDIT_MS_MAX,
  bar: `at most ${AUDIT_MS_MAX} ms`,
  pass: ours <= AUDIT_MS_MAX,
});

type Started = { readonly process: MeasuredProcess; readonly ms: number; readonly mib: number };

/** From the start of the program until it says that it listens. */
async function start(argv: readonly string[]): Promise<Started> {
  const begin = performance.now();
  const started = await MeasuredProcess.start(argv);
  return { process: started, ms: performance.now() - begin, mib: started.residentMib() };
}

function configured(directory: string, store: string, hosts: readonly string[]): readonly string[] {
  const path = join(directory, `${store}.json`);
  const configuration = {
    listen: { port: 0 },
    identity: { kind: 'none' },
    hypervisor: 'simulated',
    simulatedMigrationSeconds: 0.1,
    images: { kind: 'simulated' },
    store: `sqlite:${join(directory, store)}`,
    hosts: hosts.map((name) => ({ name })),
  };
  writeFileSync(path, JSON.stringify(configuration));
  // One role for all rows: only an API process has nothing to do with hosts that are not there.
  const role = store === 'events.db' ? 'api' : 'serve';
  return ['adapters/cli/bin.mjs', role, '--config', path];
}

/** A server that was created, rescued, migrated while it was rescued, and unrescued, as a real process records it. */
async function templateIn(directory: string) {
  const { process } = await start(configured(directory, 'template.db', ['template-a', 'template-b']));
  const call = async (method: string, path: string, body: object | null): Promise<unknown> => {
    const response = await fetch(new URL(`/v2.1${path}`, process.url), {
      method,
      headers: { 'openstack-api-version': `compute ${MICROVERSION}`, 'content-type': 'application/json' },
      body: body === null ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const wanted = { name: 'web', imageRef: SIMULATED_IMAGE, flavorRef: '0', networks: 'none' };
  const { id } = CREATED.parse(await call('POST', '/servers', { server: wanted })).server;
  const settled = async (status: string): Promise<void> => {
    const isSo = async (): Promise<true | null> => {
      const { server } = SHOWN.parse(await call('GET', `/servers/${id}`, null));
      return server.status === status && server['OS-EXT-STS:task_state'] === null ? true : null;
    };
    const reached = await waitUntil(isSo, { deadlineMs: STATUS_DEADLINE_MS });
    if (reached === null) throw new Error(`the template's server did not become ${status}`);
  };
  await settled('ACTIVE');
  for (const [action, status] of [
    [{ rescue: {} }, 'RESCUE'],
    [{ 'os-migrateLive': { host: null, block_migration: 'auto' } }, 'RESCUE'],
    [{ unrescue: null }, 'ACTIVE'],
  ] as const) {
    await call('POST', `/servers/${id}/action`, action);
    await settled(status);
  }
  await process.stop();
  return templateFrom(join(directory, 'template.db'));
}
