import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { RoundOutcome } from '../round.ts';
import { performPlannedRound, undisturbedExtents } from './perform-planned-round.ts';
import type { ExtentsByStorage } from './round-plan.ts';

export type SimulatedRoundsOptions = {
  readonly rounds: number;
  readonly seed: number;
  /** Told after each round, in whatever order they end. */
  readonly onRound?: (outcome: RoundOutcome) => void;
  /** Only the round of this number. */
  readonly only?: number;
};

/** What a worker is started with: it performs every `stride`th round from `first` on. */
export type WorkerTask = {
  readonly first: number;
  readonly stride: number;
  readonly rounds: number;
  readonly seed: number;
  readonly extents: ExtentsByStorage;
};

const WORKERS_MAX = 8;
/** Fewer are done before a second worker would have started. */
const ROUNDS_PER_WORKER_MIN = 100;

/**
 * Rounds on simulated hosts and a simulated clock. Every combination of two faults comes once before any comes twice:
 * first on local storage, then on shared, and so on.
 * The same seed gives the same rounds, and a round of one number is the same whether or not others were performed.
 */
export async function runSimulatedRounds(options: SimulatedRoundsOptions): Promise<readonly RoundOutcome[]> {
  const { rounds, seed, only, onRound = () => undefined } = options;
  const extents = await undisturbedExtents();
  const performed: RoundOutcome[] = [];
  const ended = (outcome: RoundOutcome): void => {
    performed.push(outcome);
    onRound(outcome);
  };
  if (only !== undefined) {
    ended(await performPlannedRound(only, seed, extents));
    return performed;
  }
  const stride = Math.max(1, Math.min(availableParallelism(), WORKERS_MAX, Math.floor(rounds / ROUNDS_PER_WORKER_MIN)));
  const tasks = Array.from({ length: stride }, (_, index) => ({ first: index + 1, stride, rounds, seed, extents }));
  if (stride === 1) await Promise.all(tasks.map((task) => performRounds(task, ended)));
  else await Promise.all(tasks.map((task) => inWorker(task, ended)));
  return performed.toSorted((one, other) => one.round - other.round);
}

/** Performs the rounds of one task in this thread, one after another. */
export async function performRounds(task: WorkerTask, ended: (outcome: RoundOutcome) => void): Promise<void> {
  const { first, stride, rounds, seed, extents } = task;
  for (let round = first; round <= rounds; round += stride) ended(await performPlannedRound(round, seed, extents));
}

function inWorker(task: WorkerTask, ended: (outcome: RoundOutcome) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const worker = new Worker(new URL('./round-worker.ts', import.meta.url), { workerData: task });
  worker.on('message', ended);
  worker.on('error', reject);
  worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with exit code ${code}`))));
  return promise;
}
