import { parseArgs } from 'node:util';
import type { Mutation } from './mutation.ts';
import { MUTATIONS } from './mutations.ts';
import { copyRepository } from './repository-copy.ts';
import { runTests, tryMutation, type Verdict } from './try-mutation.ts';

const HELP = `npm run mutate [-- OPTIONS]

Plants one bug after another in a copy of the code, and tells which test notices it. A bug that no test notices, or
whose place is no longer found, makes it exit with 1.

  --only NAME   that bug alone; may be given several times
  --lab         also the bugs that only real libvirt hosts can show (root, Debian)
  --list        the bugs, and what each would do to somebody
  --json        the verdicts as JSON
  --help        this text`;

type Row = { readonly mutation: Mutation; readonly verdict: Verdict; readonly seconds: number };

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    lab: { type: 'boolean' },
    list: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
const only = values.only ?? [];
const asked = MUTATIONS.filter(({ name, lab }) =>
  only.length > 0 ? only.includes(name) : values.lab === true || !lab,
);
const unknown = only.filter((name) => !MUTATIONS.some((mutation) => mutation.name === name));

if (values.help === true) console.log(HELP);
else if (values.list === true) for (const { name, why } of MUTATIONS) console.log(`${name}\n    ${why}`);
else if (unknown.length > 0) {
  console.error(`There is no bug called ${unknown.join(', ')}; see --list.`);
  process.exitCode = 2;
} else process.exitCode = await mutate(asked);

async function mutate(chosen: readonly Mutation[]): Promise<number> {
  const directory = await copyRepository();
  if (!(await passUnchanged(directory, chosen))) return 2;
  const rows: Row[] = [];
  for (const mutation of chosen) {
    const begin = performance.now();
    const verdict = await tryMutation(directory, mutation);
    const row = { mutation, verdict, seconds: (performance.now() - begin) / 1000 };
    rows.push(row);
    if (values.json !== true) console.log(lineOf(row));
  }
  report(rows);
  return rows.every(({ verdict }) => verdict.verdict === 'killed') ? 0 : 1;
}

// A test that fails anyway would seem to notice everything.
async function passUnchanged(directory: string, chosen: readonly Mutation[]): Promise<boolean> {
  for (const lab of [false, true]) {
    const tests = new Set(chosen.filter((mutation) => mutation.lab === lab).flatMap((mutation) => mutation.tests));
    const run = tests.size === 0 ? null : await runTests(directory, [...tests], lab);
    if (run === null || run.passed) continue;
    console.error(`The tests fail on the unchanged code, so nothing can be said: ${run.firstFailure}`);
    return false;
  }
  return true;
}

function report(rows: readonly Row[]): void {
  const killed = rows.filter(({ verdict }) => verdict.verdict === 'killed');
  if (values.json === true) {
    const plain = rows.map(({ mutation: { name, file, why }, verdict }) => ({ name, file, why, ...verdict }));
    console.log(JSON.stringify(plain, null, 2));
    return;
  }
  console.log(`\n${killed.length} of ${rows.length} planted bugs were noticed.`);
  for (const { mutation, verdict } of rows) {
    if (verdict.verdict !== 'killed')
      console.log(`${verdict.verdict}: ${mutation.name} (${mutation.file}). ${mutation.why}`);
  }
}

function lineOf({ mutation, verdict, seconds }: Row): string {
  const what = verdict.verdict === 'killed' ? verdict.by : verdict.verdict === 'stale' ? 'its place is not found' : '';
  return `${verdict.verdict.padEnd(9)}${seconds.toFixed(1).padStart(6)} s  ${mutation.name.padEnd(52)}${what}`;
}
