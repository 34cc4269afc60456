import { table } from '../../adapters/cli/text-table.ts';
import { FAULTS, PHASES, type Ending, type RoundOutcome } from './round.ts';

export type ChaosRow = {
  readonly fault: string;
  readonly phase: string;
  readonly rounds: number;
  readonly completed: number;
  readonly rolledBack: number;
  readonly needsOperator: number;
  readonly slowestRecoveryMs: number | null;
  readonly longestSilenceMs: number | null;
  readonly violations: number;
};

const HEAD = [
  'fault',
  'phase',
  'rounds',
  'completed',
  'rolled back',
  'needs operator',
  'slowest recovery',
  'longest silence',
  'violations',
];
const PAIR = ' + ';
const MS_PER_SECOND = 1000;

/** One row for each fault and phase that occurred, in the order of both lists. A round of two faults is in two rows. */
export function chaosRows(outcomes: readonly RoundOutcome[]): readonly ChaosRow[] {
  const struck = outcomes.flatMap(eachFault);
  const groups = Map.groupBy(struck, ({ fault, phase }) => `${fault}\n${phase}`);
  const rows = [...groups.values()].map(rowOf);
  return rows.toSorted((one, other) => rank(one) - rank(other) || one.fault.localeCompare(other.fault));
}

function eachFault(outcome: RoundOutcome): readonly RoundOutcome[] {
  const phases = outcome.phase.split(PAIR);
  return outcome.fault.split(PAIR).map((fault, index) => ({ ...outcome, fault, phase: phases[index] ?? '' }));
}

/** The rows and their sum as a table of plain text. */
export function chaosTable(outcomes: readonly RoundOutcome[]): string {
  const sum = { ...rowOf(outcomes), fault: 'all', phase: '' };
  return table(HEAD, [...chaosRows(outcomes), sum].map(cellsOf));
}

function rowOf(outcomes: readonly RoundOutcome[]): ChaosRow {
  const ended = (ending: Ending): number => outcomes.filter(({ outcome }) => outcome === ending).length;
  return {
    fault: outcomes[0]?.fault ?? '',
    phase: outcomes[0]?.phase ?? '',
    rounds: outcomes.length,
    completed: ended('completed'),
    rolledBack: ended('rolled back'),
    needsOperator: ended('needs operator'),
    slowestRecoveryMs: largest(outcomes.map(({ recoveryMs }) => recoveryMs)),
    longestSilenceMs: largest(outcomes.map(({ guestSilenceMs }) => guestSilenceMs)),
    violations: outcomes.reduce((sum, { violations }) => sum + violations.length, 0),
  };
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.reduce<number | null>((most, value) => Math.max(most ?? value, value), null);
}

function cellsOf(row: ChaosRow): readonly string[] {
  const { fault, phase, rounds, completed, rolledBack, needsOperator, violations } = row;
  const counts = [rounds, completed, rolledBack, needsOperator].map(String);
  return [fault, phase, ...counts, seconds(row.slowestRecoveryMs), seconds(row.longestSilenceMs), String(violations)];
}

const seconds = (milliseconds: number | null): string =>
  milliseconds === null ? '–' : `${(milliseconds / MS_PER_SECOND).toFixed(2)} s`;

/** What is in neither list comes last. */
function rank({ fault, phase }: ChaosRow): number {
  const place = (names: readonly string[], name: string): number => {
    const index = names.indexOf(name);
    return index < 0 ? names.length : index;
  };
  return place(FAULTS, fault) * (PHASES.length + 1) + place(PHASES, phase);
}
