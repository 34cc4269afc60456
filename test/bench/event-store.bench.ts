import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchRow } from './bench-row.ts';
import { EventStoreBench } from './event-store-bench-rounds.ts';

const SINGLE_RATIO_MIN = 0.9;
const GROUP_RATIO_MIN = 8;
const REPLAY_EVENTS_PER_SECOND_MIN = 300_000;

/** Short rounds, and many: a disk that is slow for a second spoils a few of the ratios, and not their median. */
const APPEND_ROUNDS = 84;
const REPLAY_ROUNDS = 5;

/** Takes about a minute and half a gigabyte of temporary disk, on the disk that `TMPDIR` lies on. */
export async function benchEventStore(): Promise<readonly BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'lifeboat-event-store-bench-'));
  try {
    const bench = await EventStoreBench.open(directory);
    const appends = await benchAppends(bench);
    const replay = await benchReplay(bench);
    await bench.close();
    return [...appends, replay];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function benchAppends(bench: EventStoreBench): Promise<readonly BenchRow[]> {
  const single: Rounds = { ours: [], peer: [] };
  const group: Rounds = { ours: [], peer: [] };
  for (let round = 0; round < APPEND_ROUNDS; round += 1) {
    // By turns the first: what comes after the other finds a disk that has been written to.
    if (round % 2 === 0) single.peer.push(await bench.bareInserts());
    single.ours.push(await bench.singleAppends());
    if (round % 2 === 1) single.peer.push(await bench.bareInserts());
    group.ours.push(await bench.concurrentAppends());
    group.peer.push(single.ours.at(-1) ?? Number.NaN);
  }
  const unit = 'events/s';
  const bare = row('durable append, one by one, against bare SQLite inserts', unit, single);
  const grouped = row('100 concurrent durable appends, against one by one', unit, group);
  return [
    { ...bare, bar: `ratio at least ${SINGLE_RATIO_MIN}`, pass: bare.ratio >= SINGLE_RATIO_MIN },
    { ...grouped, bar: `ratio at least ${GROUP_RATIO_MIN}`, pass: grouped.ratio >= GROUP_RATIO_MIN },
  ];
}

async function benchReplay(bench: EventStoreBench): Promise<BenchRow> {
  await bench.fillLog();
  const rounds: Rounds = { ours: [], peer: [] };
  for (let round = 0; round < REPLAY_ROUNDS; round += 1) {
    rounds.peer.push(await bench.replayBare());
    rounds.ours.push(await bench.replay());
  }
  const replay = row('replay of 1,000,000 events, against SELECT and JSON.parse', 'events/s', rounds);
  const bar = `at least ${REPLAY_EVENTS_PER_SECOND_MIN} events/s`;
  return { ...replay, bar, pass: replay.ours >= REPLAY_EVENTS_PER_SECOND_MIN };
}

type Rounds = { readonly ours: number[]; readonly peer: number[] };

/** The ratio is taken within each round: a disk that slows down between two rounds slows both sides of one. */
function row(name: string, unit: string, { ours, peer }: Rounds): Omit<BenchRow, 'bar' | 'pass'> {
  const ratio = median(ours.map((value, index) => value / (peer[index] ?? Number.NaN)));
  return { name, unit, ours: Math.round(median(ours)), peer: Math.round(median(peer)), ratio };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

if (import.meta.main) {
  const rows = await benchEventStore();
  console.table(rows.map((line) => ({ ...line, ratio: line.ratio.toFixed(2) })));
  process.exitCode = rows.every(({ pass }) => pass) ? 0 : 1;
}
