import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

type Step = { readonly name: string; readonly protects: string; readonly argv: readonly string[] };

/** Cheapest first; the first failure ends the run. */
const STEPS: readonly Step[] = [
  { name: 'format', protects: 'diffs show changes of meaning only', argv: ['prettier', '--check', '.'] },
  { name: 'types', protects: 'states and answers that cannot be are not written', argv: ['tsc', '--noEmit'] },
  {
    name: 'lint',
    protects: 'no lost promise, no forgotten case, a pure domain, small functions',
    argv: ['oxlint', '--type-aware', '--max-warnings=0', '--report-unused-disable-directives'],
  },
  { name: 'dead code', protects: 'nothing is kept that nobody uses', argv: ['knip', '--no-progress'] },
  {
    name: 'architecture',
    protects: 'imports point inward, files are tidy, pages say what the code says; and each rule still fires',
    argv: ['vitest', 'run', '--project', 'fast', 'test/architecture'],
  },
];

const STEP_DEADLINE_MS = 120_000;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const HELP = `npm run check [-- --only NAME]

Everything that can be said about the code without running the program, cheapest first:
${STEPS.map(({ name, protects }) => `  ${name.padEnd(14)}${protects}`).join('\n')}

  --only NAME   that step alone
  --help        this text`;

const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } });
const chosen = STEPS.filter(({ name }) => values.only === undefined || name === values.only);
if (values.help === true || chosen.length === 0) {
  console.log(HELP);
  process.exitCode = values.help === true ? 0 : 2;
} else {
  process.exitCode = runInOrder(chosen) ? 0 : 1;
}

function runInOrder(steps: readonly Step[]): boolean {
  const rows: { readonly step: string; readonly seconds: string; readonly result: string }[] = [];
  for (const { name, argv } of steps) {
    console.log(`\n== ${name}: ${argv.join(' ')}`);
    const begin = performance.now();
    const passed = run(argv);
    rows.push({
      step: name,
      seconds: ((performance.now() - begin) / 1000).toFixed(1),
      result: passed ? 'passed' : 'FAILED',
    });
    if (!passed) break;
  }
  const skipped = steps.slice(rows.length).map(({ name }) => ({ step: name, seconds: '', result: 'not run' }));
  console.log(`\n${'step'.padEnd(14)}${'seconds'.padStart(8)}  result`);
  for (const { step, seconds, result } of [...rows, ...skipped]) {
    console.log(`${step.padEnd(14)}${seconds.padStart(8)}  ${result}`);
  }
  return rows.every(({ result }) => result === 'passed');
}

function run([program = '', ...rest]: readonly string[]): boolean {
  const bin = join(ROOT, 'node_modules', '.bin');
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
  const ended = spawnSync(join(bin, program), rest, { cwd: ROOT, env, stdio: 'inherit', timeout: STEP_DEADLINE_MS });
  if (ended.error !== undefined) console.error(`${program}: ${ended.error.message}`);
  return ended.status === 0;
}
