import { table } from '../../../adapters/cli/text-table.ts';
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

export type SimulatedRow = {
  readonly fault: string;
  readonly rounds: number;
  readonly completed: number;
  readonly rolledBack: number;
  readonly needsOperator: number;
  readonly slowestRecoveryMs: number;
  readonly violations: number;
};

/** A row for each kind of fault, of all rounds in which it came, and the sum of all rounds. */
export function simulatedRows(outcomes: readonly RoundOutcome[]): readonly SimulatedRow[] {
  const rows = FAULT_KINDS.map((kind) =>
    rowOf(
      kind,
      outcomes.filter(({ fault }) => fault.split(' + ').includes(kind)),
    ),
  );
  return [...rows.filter(({ rounds }) => rounds > 0), rowOf('all rounds', outcomes)];
}

/** As plain text. */
export function simulatedTable(outcomes: readonly RoundOutcome[]): string {
  return table(HEAD, simulatedRows(outcomes).map(cellsOf));
}

function rowOf(fault: string, outcomes: readonly RoundOutcome[]): SimulatedRow {
  const ended = (ending: RoundOutcome['outcome']): number =>
    outcomes.filter(({ outcome }) => outcome === ending).length;
  return {
    fault,
    rounds: outcomes.length,
    completed: ended('completed'),
    rolledBack: ended('rolled back'),
    needsOperator: ended('needs operator'),
    slowestRecoveryMs: outcomes.reduce((most, { recoveryMs }) => Math.max(most, recoveryMs ?? 0), 0),
    violations: outcomes.reduce((sum, outcome) => sum + outcome.violations.length, 0),
  };
}

function cellsOf(row: SimulatedRow): readonly string[] {
  const { fault, rounds, completed, rolledBack, needsOperator, slowestRecoveryMs, violations } = row;
  const counts = [rounds, completed, rolledBack, needsOperator].map(String);
  return [fault, ...counts, `${(slowestRecoveryMs / MS_PER_SECOND).toFixed(1)} s`, String(violations)];
}
