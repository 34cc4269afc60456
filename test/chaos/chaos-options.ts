import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { FAULTS, INVARIANTS, type Fault } from './round.ts';

export type ChaosOptions = {
  readonly rounds: number;
  readonly seed: number;
  /** Number of the first round; a single one is done again with `--rounds 1 --first N`. */
  readonly first: number;
  readonly simulated: boolean;
  readonly json: boolean;
  readonly only: Fault | null;
};

type ChaosOptionsAnswer =
  | { readonly answer: 'run'; readonly options: ChaosOptions }
  /** Help was asked for, or the command line is wrong; either has been told. */
  | { readonly answer: 'told'; readonly exitCode: number };

const WRONG_USAGE_EXIT_CODE = 2;
const ROUNDS_DEFAULT = 10;
const ROUNDS_MAX = 1_000_000;
const SEED_MAX = 2 ** 31 - 1;

const HELP = `
Each round is a whole cycle: a server is rescued, live migrated to the other host and back, and unrescued. In its middle
comes one fault, at a moment and of a kind that follow from the seed and the round's number. Afterwards this must hold,
seen from outside and not told by Lifeboat alone:
${Object.values(INVARIANTS)
  .map((what) => `  - ${what}`)
  .join('\n')}

Faults: ${FAULTS.join(', ')}.

On real hosts it needs what the demo needs: Linux on x86-64, root, Debian's libvirt and QEMU. A round takes some 25 s.
Everything it starts and writes is gone at its end, after Ctrl-C too; a round that finds something leaves one file, whose
name it tells. docs/reliability.md explains more.

Exit codes: 0 nothing was violated, 1 something was, or the run could not go on, 2 wrong usage, 130 and 143 interrupted.

Examples:
  npm run chaos -- --rounds 20 --seed 7
  npm run chaos -- --rounds 1 --first 13 --seed 7     round 13 of that run once more
  npm run chaos -- --rounds 8 --only network-cut
  npm run chaos -- --rounds 10000 --seed 7 --simulated`;

/** Reads the command line; prints help and complaints itself. */
export function readChaosOptions(argv: readonly string[]): ChaosOptionsAnswer {
  const command = new Command('npm run chaos --')
    .description('Breaks things at random while rescued servers migrate, and checks that nothing is lost or doubled.')
    .option('--rounds <n>', 'how many rounds', wholeNumber(1, ROUNDS_MAX), ROUNDS_DEFAULT)
    .option('--seed <s>', 'the same seed gives the same faults at the same moments', wholeNumber(0, SEED_MAX), 1)
    .option('--first <n>', 'number of the first round', wholeNumber(1, ROUNDS_MAX), 1)
    .option('--simulated', 'on the simulated cloud, thousands of rounds in minutes')
    .addOption(new Option('--only <fault>', 'this fault alone').choices(FAULTS))
    .option('--json', 'one JSON object for each round and, last, one with the table; nothing else on standard output')
    .allowExcessArguments(false)
    .showHelpAfterError('(--help tells more)')
    .addHelpText('after', HELP)
    .exitOverride();
  try {
    const given = command.parse([...argv], { from: 'user' }).opts<{
      readonly rounds: number;
      readonly seed: number;
      readonly first: number;
      readonly simulated?: boolean;
      readonly json?: boolean;
      readonly only?: Fault;
    }>();
    const { simulated = false, json = false, only = null } = given;
    if (simulated && only !== null)
      command.error('error: --only chooses a fault of the real hosts, not with --simulated');
    if (simulated && given.first > 1 && given.rounds > 1) {
      command.error('error: with --simulated, --first is for a single round: --rounds 1 --first N');
    }
    return { answer: 'run', options: { ...given, simulated, json, only } };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { answer: 'told', exitCode: error.exitCode === 0 ? 0 : WRONG_USAGE_EXIT_CODE };
  }
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}
