import { parseArgs } from 'node:util';
import { table } from '../../adapters/cli/text-table.ts';
import { labAvailability } from '../lab/requirements.ts';
import { startTwoHosts } from '../lab/two-hosts.ts';
import type { BenchRow } from './bench-row.ts';
import { benchEventStore } from './event-store.bench.ts';
import { benchFleet } from './fleet.bench.ts';
import { benchHttp } from './http.bench.ts';
import { benchLargeMigration } from './large-migration.bench.ts';
import { benchLibvirt } from './libvirt.bench.ts';
import { benchMigration } from './migration.bench.ts';
import { benchMillionEvents } from './million-events.bench.ts';
import { benchScale } from './scale.bench.ts';

const HELP = `npm run bench [-- options]

Measures Lifeboat against a raw peer in the same run, and prints the ratio for each bar. Absolute figures say more about
the machine than about the program; read the ratios. Exits with 1 when a bar is missed.

  --only <part>   eventStore, millionEvents, http, scale, fleet, libvirt, migration or largeMigration; more than once if wanted
  --json          one JSON object for each row
  --help          this text

The last three need root and libvirt (they start two hosts of their own); without them they are skipped, aloud.`;

const PARTS = [
  'eventStore',
  'millionEvents',
  'http',
  'scale',
  'fleet',
  'libvirt',
  'migration',
  'largeMigration',
] as const;
const ON_HOSTS: readonly Part[] = ['libvirt', 'migration', 'largeMigration'];
type Part = (typeof PARTS)[number];

const WITHOUT_HOSTS: readonly (readonly [Part, string, () => Promise<readonly BenchRow[]>])[] = [
  ['eventStore', 'event store: about a minute', benchEventStore],
  ['millionEvents', 'a million events: about two minutes', benchMillionEvents],
  ['http', 'HTTP API: about two minutes', benchHttp],
  ['scale', 'starts on a million events: about two minutes', benchScale],
  ['fleet', 'a thousand hosts, twenty thousand servers: some minutes', benchFleet],
];

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [...PARTS] },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const wanted = PARTS.filter((part) => values.only.includes(part));
  if (wanted.length === 0) throw new Error(`--only: expected some of ${PARTS.join(', ')}`);
  const rows = await measure(wanted);
  print(rows);
  if (rows.some(({ pass }) => !pass)) process.exitCode = 1;
}

async function measure(wanted: readonly Part[]): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [part, says, measured] of WITHOUT_HOSTS) {
    if (!wanted.includes(part)) continue;
    console.error(`${says} …`);
    rows.push(...(await measured()));
  }
  if (!wanted.some((part) => ON_HOSTS.includes(part))) return rows;
  const availability = await labAvailability();
  if (!availability.available) {
    console.error(`${ON_HOSTS.join(', ')} are skipped: ${availability.reason}`);
    return rows;
  }
  if (wanted.includes('largeMigration')) {
    console.error('live migrations of two servers with large disks: about two minutes …');
    rows.push(...(await benchLargeMigration()));
  }
  if (!wanted.includes('libvirt') && !wanted.includes('migration')) return rows;
  const lab = await startTwoHosts({ directory: null, names: ['lab-a', 'lab-b'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  try {
    if (wanted.includes('libvirt')) {
      console.error('libvirt calls and streams: about a minute and a half …');
      rows.push(...(await benchLibvirt(lab)));
    }
    if (wanted.includes('migration')) {
      console.error('live migrations of two rescued guests, by turns: about a minute …');
      rows.push(...(await benchMigration(lab)));
    }
  } finally {
    await lab.stop();
  }
  return rows;
}

function print(rows: readonly BenchRow[]): void {
  if (values.json) {
    for (const row of rows) console.log(JSON.stringify(row));
    return;
  }
  const cells = rows.map(({ name, ours, peer, unit, ratio, bar, pass }) => [
    name,
    `${figure(ours)} ${unit}`,
    `${figure(peer)} ${unit}`,
    ratio.toFixed(2),
    pass ? 'yes' : 'NO',
    bar,
  ]);
  console.log(table(['what', 'Lifeboat', 'peer', 'ratio', 'held', 'bar'], cells));
}

function figure(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(3);
}
