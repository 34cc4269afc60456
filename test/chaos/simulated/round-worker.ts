import { parentPort, workerData } from 'node:worker_threads';
import { performRounds, type WorkerTask } from './run-simulated-rounds.ts';

// Started by run-simulated-rounds.ts alone, which gives what it says.
const task = workerData as WorkerTask;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
await performRounds(task, (outcome) => parentPort?.postMessage(outcome));
parentPort?.close();
