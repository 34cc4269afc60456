import { textTable } from '../../demo/text-table.ts';
import type { RoundOutcome } from '../round.ts';
import { FAULT_KINDS } from './fault-kinds.ts';

const HEAD = [
  'fault, alone or with another',
  'rounds',
  'completed',
  'rolled back',
  'needs operator',
  'slowest recovery',
  'violations',
];
const MS_PER_SECOND = 1000;

/** A row for each kind of fault, of all rounds in which it came, and the sum of all rounds. */
export function simulatedRows(outcomes: readonly RoundOutcome[]): readonly (readonly string[])[] {
  const rows = FAULT_KINDS.map((kind) =>
    rowOf(
      kind,
      outcomes.filter(({ fault }) => fault.split(' + ').includes(kind)),
    ),
  );
  return [...rows, rowOf('all rounds', outcomes)];
}

/** As plain text. */
export function simulatedTable(outcomes: readonly RoundOutcome[]): string {
  return textTable(HEAD, simulatedRows(outcomes));
}

/** As Markdown, for docs/reliability.md. */
export function simulatedMarkdown(outcomes: readonly RoundOutcome[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(HEAD), line(HEAD.map(() => '---')), ...simulatedRows(outcomes).map(line)].join('\n');
}

function rowOf(name: string, outcomes: readonly RoundOutcome[]): readonly string[] {
  const ended = (ending: RoundOutcome['outcome']): number =>
    outcomes.filter(({ outcome }) => outcome === ending).length;
  const slowestMs = outcomes.reduce((most, { recoveryMs }) => Math.max(most, recoveryMs ?? 0), 0);
  const violations = outcomes.reduce((sum, outcome) => sum + outcome.violations.length, 0);
  const counts = [outcomes.length, ended('completed'), ended('rolled back'), ended('needs operator')];
  return [name, ...counts.map(String), `${(slowestMs / MS_PER_SECOND).toFixed(1)} s`, String(violations)];
}
