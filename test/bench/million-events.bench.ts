import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { verifyLog } from '../../adapters/event-store/evidence/verify-log.ts';
import { openSqliteDatabase } from '../../adapters/event-store/open-sqlite-database.ts';
import { openStoredLog } from '../../adapters/event-store/open-stored-log.ts';
import { NO_PROGRESS } from '../../adapters/event-store/progress.ts';
import { SqliteEventStore } from '../../adapters/event-store/sqlite-event-store.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import { findSubject, stateAt } from '../../application/audit/audit-subject.ts';
import type { StreamName } from '../../application/ports/event-store.ts';
import { instant } from '../../domain/shared/ids.ts';
import type { BenchRow } from './bench-row.ts';
import { SERVER_EVENTS, writeServers } from './million-events-log.ts';
import { command, median, milliseconds } from './rounds.ts';

const MIB = 1024 * 1024;
const SMALL_EVENTS = 10_000;
const LARGE_EVENTS = 1_000_000;
const REPLAY_SECONDS_MAX = 5;
const REPLAY_MIB_MAX = 600;
const AUDIT_MS_MAX = 50;
/** log10 of how much dearer, for each ten times as many events: 1 would mean that cost grows with the log. */
const SLOPE_MAX = 0.1;
const DECADES = Math.log10(LARGE_EVENTS / SMALL_EVENTS);
const REPLAY_ROUNDS = 3;
const QUERIES = 200;

/** What one event or one query costs, in ms, on a log of one size. */
type Costs = {
  readonly replayed: number;
  readonly replaySeconds: number;
  readonly peakMib: number;
  readonly verified: number;
  readonly query: number;
  readonly append: number;
};

const told = z.object({ milliseconds: z.number(), position: z.int(), peakBytes: z.number() });

/** Takes about two minutes and a gigabyte of temporary disk. */
export async function benchMillionEvents(): Promise<readonly BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'lifeboat-million-events-'));
  try {
    const small = await costsOf(join(directory, 'small.db'), SMALL_EVENTS);
    const large = await costsOf(join(directory, 'large.db'), LARGE_EVENTS);
    return [...bounds(small, large), ...slopes(small, large)];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function bounds(small: Costs, large: Costs): readonly BenchRow[] {
  const seconds = { ours: large.replaySeconds, peer: small.replaySeconds, unit: 's' };
  const memory = { ours: large.peakMib, peer: small.peakMib, unit: 'MiB' };
  const audit = { ours: large.query, peer: small.query, unit: 'ms' };
  return [
    {
      name: 'replay of all views, 1,000,000 events, against 10,000',
      ...seconds,
      ratio: seconds.ours / seconds.peer,
      bar: `under ${REPLAY_SECONDS_MAX} s`,
      pass: seconds.ours < REPLAY_SECONDS_MAX,
    },
    {
      name: 'peak memory of that process',
      ...memory,
      ratio: memory.ours / memory.peer,
      bar: `under ${REPLAY_MIB_MAX} MiB`,
      pass: memory.ours < REPLAY_MIB_MAX,
    },
    {
      name: 'one server at a moment, its migration and all: what audit show --at asks',
      ...audit,
      ratio: audit.ours / audit.peer,
      bar: `under ${AUDIT_MS_MAX} ms`,
      pass: audit.ours < AUDIT_MS_MAX,
    },
  ];
}

function slopes(small: Costs, large: Costs): readonly BenchRow[] {
  const parts = {
    replayed: 'an event of a replay',
    verified: 'an event of audit verify',
    query: 'a query',
    append: 'a durable append',
  } as const;
  return (['replayed', 'verified', 'query', 'append'] as const).map((part) => {
    const [ours, peer] = [large[part] * 1000, small[part] * 1000];
    const slope = Math.log10(ours / peer) / DECADES;
    return {
      name: `cost of ${parts[part]}, 1,000,000 events against 10,000`,
      ours,
      peer,
      unit: 'µs',
      ratio: ours / peer,
      bar: `slope at most ${SLOPE_MAX}: ${slope.toFixed(3)}`,
      pass: slope <= SLOPE_MAX,
    };
  });
}

async function costsOf(file: string, events: number): Promise<Costs> {
  const log = await openStoredLog({ key: 'file', url: `sqlite:${file}` }, 'target', NO_PROGRESS);
  const streams = await writeServers(log, events / SERVER_EVENTS);
  let intact = false;
  const verifying = await milliseconds(async () => {
    intact = (await verifyLog(log, [], NO_PROGRESS)).finding === null;
  });
  await log.close();
  if (!intact) throw new Error('the log that was written is not as it was recorded');
  const replays: z.infer<typeof told>[] = [];
  for (let round = 0; round < REPLAY_ROUNDS; round += 1) {
    const replay = join(import.meta.dirname, 'replay-views.bench.ts');
    replays.push(told.parse(JSON.parse(await command(process.execPath, replay, file))));
  }
  if (replays.some(({ position }) => position !== events)) throw new Error('not every event was replayed');
  const replaySeconds = median(replays.map(({ milliseconds: taken }) => taken)) / 1000;
  return {
    replaySeconds,
    replayed: (replaySeconds * 1000) / events,
    peakMib: Math.max(...replays.map(({ peakBytes }) => peakBytes)) / MIB,
    verified: verifying / events,
    ...(await queryCosts(file, streams)),
  };
}

async function queryCosts(file: string, streams: readonly StreamName[]): Promise<Pick<Costs, 'query' | 'append'>> {
  const store = new SqliteEventStore(await openSqliteDatabase(file), new SystemClock());
  const [queries, appends]: [number[], number[]] = [[], []];
  for (let query = 0; query < QUERIES; query += 1) {
    const stream = streams[Math.floor((query * streams.length) / QUERIES)];
    if (stream === undefined) throw new Error('the log has no servers');
    queries.push(
      await milliseconds(async () => {
        const subject = await findSubject(store, stream.slice('instance-'.length));
        if (subject === null) throw new Error(`${stream} is not found`);
        stateAt(subject, { kind: 'now' });
      }),
    );
    const data = { type: 'InstanceDeleted', at: instant('2026-03-01T08:30:00.000Z') } as const;
    const metadata = { correlationId: 'bench', causationId: 'bench', actor: 'bench' };
    const event = { id: randomUUID(), data, metadata };
    appends.push(await milliseconds(() => store.append(`instance-${randomUUID()}`, 'none', [event])));
  }
  await store.close();
  return { query: median(queries), append: median(appends) };
}
