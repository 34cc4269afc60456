import { Command } from 'commander';
import { runProcessRound } from './run-process-round.ts';

const HELP = `
Each round starts two API processes and three compute services on one store, lets requests come in, and kills (SIGKILL)
and stops (SIGSTOP, SIGCONT) them at random. Then nothing may be lost or done twice: every accepted request is in the log
and has ended, every server runs on one host and nowhere else, and no process has changed anything after another had
taken its host or its migration over. Exit code 1 when something did.

Examples:
  npm run chaos:processes -- --rounds 20 --seed 7
  npm run chaos:processes -- --store eventstoredb --seconds 60`;

const { rounds, seed, seconds, store } = new Command('npm run chaos:processes --')
  .option('--rounds <n>', 'how many rounds', Number, 3)
  .option('--seed <s>', 'of the first round; each further one has the next', Number, 1)
  .option('--seconds <n>', 'how long each round is disturbed', Number, 15)
  .option('--store <kind>', 'sqlite, eventstoredb (its protocol server), or both in turn', 'both')
  .addHelpText('after', HELP)
  .parse()
  .opts<{ readonly rounds: number; readonly seed: number; readonly seconds: number; readonly store: string }>();

for (let round = 0; round < rounds; round += 1) {
  const isSqlite = store === 'sqlite' || (store === 'both' && round % 2 === 0);
  const kind = isSqlite ? 'sqlite' : 'eventstoredb';
  const { violations, logs, ...figures } = await runProcessRound(kind, seed + round, seconds * 1000);
  console.log(JSON.stringify({ seed: seed + round, store: kind, violations: violations.length, ...figures }));
  if (violations.length === 0) continue;
  console.log(`${violations.join('\n')}\n${logs}`);
  process.exitCode = 1;
}
