import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const COMMAND_DEADLINE_MS = 120_000;
const OUTPUT_BYTES_MAX = 16_777_216;
const execute = promisify(execFile);

export async function milliseconds(task: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await task();
  return performance.now() - begin;
}

/** Runs a peer's command; rejects with its output when it fails. */
export async function command(name: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(name, args, { timeout: COMMAND_DEADLINE_MS, maxBuffer: OUTPUT_BYTES_MAX });
  return stdout;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error('median of nothing');
  return (low + high) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
