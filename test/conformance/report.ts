import type { KnownDifference } from './known-differences.ts';
import { differenceOf } from './known-differences.ts';
import type { Replayed } from './replay.ts';
import { BODIES_MIN, type GroupTally, type Verdict } from './verdict.ts';

const LINES_OF_A_DIFF_MAX = 40;

/** For a terminal: every mismatch as a diff, then matched of total for each group. */
export function textReport(replayed: readonly Replayed[], verdict: Verdict, known: readonly KnownDifference[]): string {
  const mismatches = replayed.flatMap((row) => mismatch(row, known));
  const rows = [...verdict.groups, verdict.total].map((tally) => columns(tally));
  const header = ['group', 'recorded', 'replayed', 'statuses', 'bodies', 'headers', 'not served', 'left out'];
  const table = [header, ...rows].map(([name = '', ...numbers]) =>
    `${name.slice(0, NAME_WIDTH - 2).padEnd(NAME_WIDTH)}${numbers.map((cell) => cell.padStart(NUMBER_WIDTH)).join('')}`.trimEnd(),
  );
  return [...mismatches, '', ...table, '', ...conclusion(verdict)].join('\n');
}

const NAME_WIDTH = 28;
const NUMBER_WIDTH = 11;

function columns(tally: GroupTally): readonly string[] {
  const { group, recorded, replayed, statuses, bodies, headers, notServed, leftOut } = tally;
  const of = (matched: number): string => `${matched}/${replayed}`;
  return [group, `${recorded}`, `${replayed}`, of(statuses), of(bodies), of(headers), `${notServed}`, `${leftOut}`];
}

function mismatch(row: Replayed, known: readonly KnownDifference[]): readonly string[] {
  const { pair } = row;
  const { method, path, body } = pair.request;
  const asked = `${method} ${path}${body === null ? '' : ` ${JSON.stringify(body).slice(0, 160)}`}`;
  const title = `#${pair.n} ${pair.group}: ${pair.note} (as ${pair.as ?? 'nobody'}${pair.context === null ? '' : `, ${pair.context}`})`;
  const why = differenceOf(known, pair.n)?.reason ?? 'NOT LISTED in test/conformance/differences.json';
  if (row.outcome === 'noSuchContext') return ['', title, `  ${asked}`, `  left out: ${row.why}`, `  reason: ${why}`];
  if (row.outcome === 'notServed' || row.differences.length === 0) return [];
  const lines = row.differences.slice(0, LINES_OF_A_DIFF_MAX).map((line) => `  ${line}`);
  const more = row.differences.length - lines.length;
  return ['', title, `  ${asked}`, ...lines, ...(more > 0 ? [`  and ${more} lines more`] : []), `  reason: ${why}`];
}

function conclusion({ total, unexplained, stale, met }: Verdict): readonly string[] {
  const percent = total.replayed === 0 ? 0 : Math.floor((total.bodies / total.replayed) * 1000) / 10;
  return [
    `statuses ${total.statuses} of ${total.replayed}; bodies ${percent} % (at least ${BODIES_MIN * 100} %)`,
    ...(unexplained.length === 0 ? [] : [`without a reason: ${unexplained.map(({ pair }) => `#${pair.n}`).join(' ')}`]),
    ...(stale.length === 0 ? [] : [`listed and no longer different: ${stale.map((n) => `#${n}`).join(' ')}`]),
    met ? 'The bar is met.' : 'The bar is NOT met.',
  ];
}
