import { spawnSync } from 'node:child_process';

export const LIFEBOAT = new URL('../../../adapters/cli/lifeboat.ts', import.meta.url).pathname;
const DEADLINE_MS = 60_000;
const OUTPUT_BYTES_MAX = 67_108_864;

/** Runs a command as an operator would, to its end. */
export function runLifeboat(...args: readonly string[]) {
  const options = { encoding: 'utf8', timeout: DEADLINE_MS, maxBuffer: OUTPUT_BYTES_MAX } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [LIFEBOAT, ...args], options);
  return { status, stdout, stderr };
}
