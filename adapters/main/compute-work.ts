import type { Container } from 'inversify';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import { runSubscription } from '../../application/run-subscription.ts';
import { UnfinishedWork } from '../../application/unfinished-work.ts';
import { RUNNER, runnerSubscription } from '../../application/wake-ups.ts';
import { lookIntervalMs } from './bind-lease.ts';
import type { Configuration } from './configuration.ts';
import type { ProcessRole } from './process-role.ts';
import { TOKENS } from './tokens.ts';

export type ComputeWork = {
  /** Resolves when every host of this process is served by it and was asked once. */
  readonly ready: Promise<void>;
  /** Each ends when `signal` has aborted and what was under way has ended, and rejects when the process cannot go on. */
  readonly tasks: readonly Promise<unknown>[];
};

/** Serves the hosts of this process, as soon as no other one does, until `signal` aborts. The lease is held already. */
export function startComputeWork(
  container: Container,
  { configuration, role }: { readonly configuration: Configuration; readonly role: ProcessRole },
  signal: AbortSignal,
): ComputeWork {
  const eventStore = container.get(TOKENS.eventStore);
  const claims = container.get(TOKENS.claims);
  const clock = container.get(TOKENS.clock);
  const reporter = container.get(TOKENS.reporter);
  const intervalMs = lookIntervalMs(configuration);
  const name = role.role === 'compute' ? `${RUNNER}-${role.host}` : RUNNER;
  const runner = runnerSubscription(container.get(TOKENS.saga), signal, { name, before: answersAreSent });
  const work = new UnfinishedWork({ ...container.get(TOKENS.saga), claims, runner, intervalMs });
  const claimed = async (): Promise<void> => {
    await claims.claim();
    // One that serves every host begins with those that are free; one that serves a single host has nothing to do yet.
    while (role.role === 'compute' && claims.waitsFor().length > 0 && !signal.aborted) {
      await clock.sleep(intervalMs, signal);
      if (!signal.aborted) await claims.claim();
    }
  };
  // Not before the hosts were asked once: work taken up after a restart would find no host that fits.
  const ready = claimed()
    .then(() => reporter.beat())
    .then(() => claims.publish())
    .then(() => container.get(TOKENS.fleetWatch).look().catch(unlessStoreIsAway));
  const running = ready
    .then(() => runSubscription({ eventStore, checkpoints: container.get(TOKENS.checkpoints) }, runner, signal))
    .then(() => runner.settled());
  const watches = [
    reporter,
    work,
    container.get(TOKENS.powerStates),
    container.get(TOKENS.rescueTimeout),
    container.get(TOKENS.imageCaches),
  ];
  return { ready, tasks: [running, ...watches.map((watch) => ready.then(() => watch.run(signal)))] };
}

/** Whoever asked for it is answered first: what is then done holds up everything in this process. */
const answersAreSent = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** It looks again by itself. */
function unlessStoreIsAway(error: unknown): void {
  if (!(error instanceof StoreUnavailable)) throw error;
}
