import { Command, InvalidArgumentError } from 'commander';
import { table } from '../../adapters/cli/text-table.ts';
import { INVARIANTS } from './invariants.ts';
import { PRODUCTION_RULES } from './model-rules.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { search, type SearchResult, type Violation } from './search.ts';

const DEPTH_MAX = 100_000;
/** Enough for every planted bug, and small enough that finding none takes half a minute. */
const PLANTED_FAULTS = 2;
const PLANTED_LEVERS = 1;

type Options = {
  readonly faults: number;
  readonly levers: number;
  readonly depth: number;
  readonly shared?: boolean;
  readonly json?: boolean;
  readonly planted?: string;
};

const HELP = `
The migration saga, two hosts and the network between them as a finite model. Every decision is taken by the
production code in domain/migration; the model only plays the hosts, which do what they are asked, refuse, fail, or
die, and the messages, which arrive, get lost, come late or twice. Every order of events is tried. Then the same is
done with bugs planted into the rules: a search that finds none of them proves nothing.

Examples:
  npm run explore                                        three faults and one lever in every migration (about a minute)
  npm run explore -- --faults 2 --levers 2               fewer faults, more operators
  npm run explore -- --shared                            the same on storage that both hosts have
  npm run explore -- --planted confirm-before-inquire    the shortest way in which that bug loses a server

Exit status: 0 when production breaks no invariant and every planted bug is found, otherwise 1.`;

const program = new Command('explore')
  .description('look at every world that a live migration can get into')
  .option('--faults <n>', 'things that go wrong in one migration, at most', count, 3)
  .option('--levers <n>', 'aborts, and answers of an operator, at most', count, 1)
  .option('--depth <n>', 'steps from the acceptance on, at most', count, DEPTH_MAX)
  .option('--planted <bug>', `only with that bug: ${Object.keys(PLANTED_BUGS).join(', ')}`)
  .option('--shared', 'both hosts have the same directory for the server')
  .option('--json', 'one JSON object')
  .addHelpText('after', HELP)
  .action((options: Options) => {
    process.exitCode = options.planted === undefined ? exploreAll(options) : explorePlanted(options.planted, options);
  });
program.parse();

function count(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

function exploreAll(options: Options): number {
  const started = performance.now();
  const { faults, levers, depth, shared = false } = options;
  const searched = { faults, levers, depthMax: depth, shared };
  const production = search(PRODUCTION_RULES, { ...searched, progressed: progressLine(options) });
  const seconds = (performance.now() - started) / 1000;
  clearLine();
  const planted = Object.entries(PLANTED_BUGS).map(([bug, rules]) => {
    const limits = { faults: PLANTED_FAULTS, levers: PLANTED_LEVERS, depthMax: DEPTH_MAX };
    return { bug, ...search(rules, { ...limits, progressed: progressLine(options) }) };
  });
  clearLine();
  const isGood = production.violation === null && planted.every(({ violation }) => violation !== null);
  if (options.json === true) {
    console.log(
      JSON.stringify({ ok: isGood, faults, levers, seconds, invariants: Object.keys(INVARIANTS), production, planted }),
    );
    return isGood ? 0 : 1;
  }
  report(production, options, seconds);
  console.log('\nBugs planted into the rules, and what found them:\n');
  const rows = planted.map(({ bug, violation, states }) => [
    bug,
    violation === null ? 'NOT FOUND' : violation.invariant,
    violation === null ? '' : String(violation.trace.length - 1),
    String(states),
  ]);
  console.log(table(['bug', 'invariant it breaks', 'steps', 'worlds looked at'], rows));
  return isGood ? 0 : 1;
}

function explorePlanted(bug: string, options: Options): number {
  const rules = PLANTED_BUGS[bug];
  if (rules === undefined) {
    console.error(`explore: there is no planted bug ${bug}; there are ${Object.keys(PLANTED_BUGS).join(', ')}`);
    return 2;
  }
  const { violation } = search(rules, { faults: PLANTED_FAULTS, levers: PLANTED_LEVERS, depthMax: options.depth });
  if (options.json === true) console.log(JSON.stringify({ bug, violation }));
  else if (violation === null) console.log(`${bug} was not found.`);
  else console.log(story(violation));
  return violation === null ? 1 : 0;
}

function report(
  { states, moves, depth, complete, ends, violation }: SearchResult,
  options: Options,
  seconds: number,
): void {
  const rows = [
    ['worlds looked at', `${states}${complete ? ', which is every one that can be reached' : ', and not all'}`],
    ['steps between them', String(moves)],
    ['depth', String(depth)],
    [
      'ends of the migration',
      Object.entries(ends)
        .map(([end, found]) => `${end} ${found}`)
        .join(', '),
    ],
    ['seconds', seconds.toFixed(1)],
    ['violations', violation === null ? '0' : '1'],
  ];
  console.log(
    table(['at most', `${options.faults} faults and ${options.levers} pulls of a lever in one migration`], rows),
  );
  console.log(`\nInvariants checked in every world:\n  ${Object.keys(INVARIANTS).join('\n  ')}`);
  if (violation !== null) console.log(`\n${story(violation)}`);
}

function story({ invariant, problem, trace }: Violation): string {
  const steps = trace.map((step, index) => `${String(index).padStart(4)}  ${step}`);
  return [`"${invariant}" does not hold: ${problem}.`, 'The shortest way there:', ...steps].join('\n');
}

function progressLine({ json }: Options): (depth: number, states: number) => void {
  if (json === true || !process.stderr.isTTY) return () => undefined;
  return (depth, states) => void process.stderr.write(`\rdepth ${depth}, ${states} worlds `);
}

function clearLine(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
