import type { ClientVerdict } from './run-client-steps.ts';

const COMMAND_CHARACTERS_MAX = 110;

/** Every command with its exit code and verdict, then what was wrong, then how many of how many were right. */
export function printTable(verdicts: readonly ClientVerdict[]): void {
  console.log(`\n${'login'.padEnd(12)}${'code'.padStart(5)}  ${'verdict'.padEnd(8)} command`);
  for (const { login, command, exitCode, problem } of verdicts) {
    const code = String(exitCode ?? 'none').padStart(5);
    const verdict = (problem === null ? 'ok' : 'WRONG').padEnd(8);
    console.log(`${login.padEnd(12)}${code}  ${verdict} ${command.slice(0, COMMAND_CHARACTERS_MAX)}`);
  }
  const wrong = verdicts.filter(({ problem }) => problem !== null);
  for (const { login, command, problem } of wrong) console.log(`\nWRONG (${login}) ${command}\n${problem ?? ''}`);
  const logins = [...new Set(verdicts.map(({ login }) => login))];
  console.log('');
  for (const login of logins) {
    const own = verdicts.filter((verdict) => verdict.login === login);
    console.log(
      `${login.padEnd(12)} ${own.filter(({ problem }) => problem === null).length} of ${own.length} as they should be`,
    );
  }
}
