import { EndingSignals, EXIT_CODES } from '../demo/ending-signals.ts';
import { labAvailability } from '../lab/requirements.ts';
import { readChaosOptions, type ChaosOptions } from './chaos-options.ts';
import { ChaosProgress } from './chaos-progress.ts';
import { chaosRows, chaosTable } from './chaos-table.ts';
import { planRounds, runLabRounds } from './lab/run-lab-rounds.ts';
import type { RoundOutcome } from './round.ts';
import { runSimulatedRounds } from './simulated/run-simulated-rounds.ts';
import { simulatedRows, simulatedTable } from './simulated/simulated-table.ts';

// Whoever read the output is gone, as after `| head`.
process.stdout.on('error', () => process.exit(1));
const answer = readChaosOptions(process.argv.slice(2));
if (answer.answer === 'told') process.exitCode = answer.exitCode;
else await main(answer.options);

async function main(options: ChaosOptions): Promise<void> {
  const signals = new EndingSignals((signal) => {
    process.stderr.write(`\n${signal}: clearing away\n`);
    // Everything that was started has an 'exit' listener that ends it, so no moment is a bad one for leaving.
    process.exit(EXIT_CODES[signal]);
  });
  const outcomes: RoundOutcome[] = [];
  const progress = new ChaosProgress(process.stderr, options);
  const ended = (outcome: RoundOutcome, evidencePath: string | null): void => {
    outcomes.push(outcome);
    progress.ended(outcome, evidencePath);
    if (options.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  };
  try {
    if (options.simulated) await runSimulated(options, ended);
    else await runOnLab(options, progress, ended);
    process.exitCode = outcomes.some(({ violations }) => violations.length > 0) ? 1 : 0;
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`\nThe run cannot go on: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
  }
  progress.stop();
  tellResult(options, outcomes);
  signals.stopListening();
}

async function runOnLab(
  options: ChaosOptions,
  progress: ChaosProgress,
  ended: (outcome: RoundOutcome, evidencePath: string | null) => void,
): Promise<void> {
  const availability = await labAvailability();
  if (!availability.available) throw new Error(`${availability.reason} Try --simulated.`);
  const { seed, first, rounds, only } = options;
  await runLabRounds({
    plans: planRounds(seed, first, rounds, only),
    doing: (text) => progress.doing(text),
    ended,
  });
}

async function runSimulated(
  { rounds, seed, first }: ChaosOptions,
  ended: (outcome: RoundOutcome, evidencePath: null) => void,
): Promise<void> {
  const single = rounds === 1 ? { only: first } : {};
  await runSimulatedRounds({ rounds, seed, onRound: (outcome) => ended(outcome, null), ...single });
}

function tellResult({ json, seed, simulated }: ChaosOptions, outcomes: readonly RoundOutcome[]): void {
  const violations = outcomes.reduce((sum, outcome) => sum + outcome.violations.length, 0);
  if (json) {
    const result = {
      rounds: outcomes.length,
      seed,
      simulated,
      violations,
      table: simulated ? simulatedRows(outcomes) : chaosRows(outcomes),
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  if (outcomes.length > 0) process.stdout.write(`${simulated ? simulatedTable(outcomes) : chaosTable(outcomes)}\n`);
  process.stdout.write(`\n${outcomes.length} rounds with seed ${seed}: ${violations} violations\n`);
}
