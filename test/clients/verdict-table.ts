import type { ClientVerdict } from './run-client-steps.ts';

const COMMAND_CHARACTERS_MAX = 110;

/** Every command with its exit code, its time and the verdict; what was wrong; how many of how many were right. */
export function printTable(verdicts: readonly ClientVerdict[]): void {
  console.log(
    `\n${'chain'.padEnd(12)}${'login'.padEnd(12)}${'code'.padStart(5)}${'s'.padStart(6)}  ${'verdict'.padEnd(8)} command`,
  );
  for (const { chain, login, command, exitCode, seconds, problem } of verdicts) {
    const figures = `${String(exitCode ?? 'none').padStart(5)}${seconds.toFixed(1).padStart(6)}`;
    const verdict = (problem === null ? 'ok' : 'WRONG').padEnd(8);
    console.log(
      `${chain.padEnd(12)}${login.padEnd(12)}${figures}  ${verdict} ${command.slice(0, COMMAND_CHARACTERS_MAX)}`,
    );
  }
  const wrong = verdicts.filter(({ problem }) => problem !== null);
  for (const { chain, command, problem } of wrong) console.log(`\nWRONG in ${chain}: ${command}\n${problem ?? ''}`);
  console.log('');
  for (const [chain, own] of Map.groupBy(verdicts, (verdict) => verdict.chain)) {
    const right = own.filter(({ problem }) => problem === null).length;
    const seconds = own.reduce((sum, verdict) => sum + verdict.seconds, 0);
    console.log(`${chain.padEnd(12)} ${right} of ${own.length} as they should be, in ${seconds.toFixed(0)} s`);
  }
}
