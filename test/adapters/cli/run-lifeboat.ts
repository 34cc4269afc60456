import { execFile } from 'node:child_process';

export const LIFEBOAT = new URL('../../../adapters/cli/lifeboat.ts', import.meta.url).pathname;
const DEADLINE_MS = 60_000;
const OUTPUT_BYTES_MAX = 67_108_864;

export type LifeboatRun = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** Runs a command as an operator would, to its end. */
export function runLifeboat(...args: readonly string[]): Promise<LifeboatRun> {
  return run(process.execPath, [LIFEBOAT, ...args]);
}

/** The same behind a pipe: `after` is what the shell does with the output. The status is the command's own. */
export function runLifeboatInto(after: string, ...args: readonly string[]): Promise<LifeboatRun> {
  const pipeline = `"$@" ${after}; exit \${PIPESTATUS[0]}`;
  return run('bash', ['-c', pipeline, 'bash', process.execPath, LIFEBOAT, ...args]);
}

function run(program: string, args: readonly string[]): Promise<LifeboatRun> {
  const { promise, resolve } = Promise.withResolvers<LifeboatRun>();
  const options = { timeout: DEADLINE_MS, maxBuffer: OUTPUT_BYTES_MAX } as const;
  const child = execFile(program, args, options, (_error, stdout, stderr) =>
    resolve({ status: child.exitCode ?? -1, stdout, stderr }),
  );
  return promise;
}
