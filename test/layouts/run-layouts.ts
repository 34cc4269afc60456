import { parseArgs } from 'node:util';
import { LibvirtLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { labAvailability } from '../lab/requirements.ts';
import { fullMatrix, pairwiseMatrix, rowName } from './layout-matrix.ts';
import { performLayout, type LayoutResult } from './perform-layout.ts';

const HELP = `npm run e2e:layouts [-- --all] [--only TEXT] [--seed N] [--json]

On two real libvirt hosts: a server for each row of rescue mode x storage x disks x firmware is made, rescued, migrated
there and back, unrescued, rescued again and unrescued. Its guest must go on counting, and every file and every byte
that it does not write itself must be what it was.

  --all         every combination, not only every pair of values
  --only TEXT   rows whose name has this in it, such as shared or legacy/local; may be repeated
  --seed N      which rows make up the pairs; default 1
  --json        one JSON document instead of a table
  --help        this text

Exit 0: no difference. 1: there are some. 2: wrong usage. 3: no real hosts can run here.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = {
    all: { type: 'boolean' },
    only: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ options });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const seed = Number(values.seed);
  const matrix = values.all === true || values.only !== undefined ? fullMatrix() : pairwiseMatrix(seed);
  const rows = matrix.filter((row) => (values.only ?? ['']).every((text) => rowName(row).includes(text)));
  if (rows.length === 0 || !Number.isSafeInteger(seed)) {
    console.error(HELP);
    return 2;
  }
  const availability = await labAvailability();
  if (!availability.available) {
    console.error(availability.reason);
    return 3;
  }
  const results = new Map<string, LayoutResult>();
  const lab = await LibvirtLab.start();
  try {
    for (const [index, row] of rows.entries()) {
      const result = await performLayout(lab, row, index);
      results.set(rowName(row), result);
      if (values.json !== true) printRow(rowName(row), result);
    }
  } finally {
    await lab.stop();
  }
  const failed = [...results.values()].filter(({ differences }) => differences.length > 0).length;
  console.log(values.json === true ? JSON.stringify({ seed, rows: Object.fromEntries(results) }) : summary());
  return failed === 0 ? 0 : 1;

  function summary(): string {
    return `${results.size} rows, ${results.size - failed} without a difference, ${failed} with`;
  }
}

function printRow(name: string, { differences, seconds }: LayoutResult): void {
  console.log(
    `${name.padEnd(42)} ${seconds.toFixed(1).padStart(6)} s  ${differences.length === 0 ? 'same' : 'DIFFERENT'}`,
  );
  for (const difference of differences) console.log(`    ${difference}`);
}
