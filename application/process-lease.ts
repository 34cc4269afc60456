import type { HostName } from '../domain/shared/ids.ts';
import type { MigrationProgressBoard } from './migration-progress-board.ts';
import { OtherProcesses } from './other-processes.ts';
import type { Clock } from './ports/clock.ts';
import { StoreUnavailable } from './ports/event-store.ts';
import type { LatestValues, ProcessValue } from './ports/latest-values.ts';
import type { Log } from './ports/log.ts';
import type { MonotonicClock } from './ports/monotonic-clock.ts';
import type { ProcessWitness } from './ports/process-witness.ts';
import { LeaseLost, type WorkLease } from './work-lease.ts';

/** A lease is renewed so often in its time: several renewals may fail before it is in danger. */
export const RENEWALS_PER_LEASE = 6;
/** So much earlier than others may take over, this process stops by itself: clocks of two machines do not run alike. */
const MARGIN = 0.1;
/** Between two looks whether counters of running copies have changed; Nova tells them every five seconds. */
const PROGRESS_INTERVAL_MS = 1000;

export type ProcessLeaseDependencies = {
  readonly values: LatestValues;
  readonly clock: Clock;
  readonly monotonicClock: MonotonicClock;
  readonly witness: ProcessWitness;
  readonly progress: MigrationProgressBoard;
  readonly log: Log;
  readonly runner: string;
  readonly leaseMs: number;
  readonly description: string;
};

/**
 * One record in the store, renewed again and again. Whoever has not seen it change for the whole lease, on its own clock,
 * ends it with a write that expects the record it saw; so either that write fails, or this process can never renew again.
 */
export class ProcessLease implements WorkLease {
  readonly #dependencies: ProcessLeaseDependencies;
  readonly #others: OtherProcesses;
  readonly #lost = Promise.withResolvers<never>();
  #revision: number | null = null;
  #goodUntilMs = 0;
  #renewing: Promise<void> | null = null;
  #failure: LeaseLost | null = null;
  #closed = false;
  schedules = false;

  constructor(dependencies: ProcessLeaseDependencies) {
    this.#dependencies = dependencies;
    this.#others = new OtherProcesses(dependencies);
    this.#lost.promise.catch(() => undefined);
  }

  get runner(): string {
    return this.#dependencies.runner;
  }

  /** Rejects with LeaseLost as soon as this process knows that it must stop. */
  get lost(): Promise<never> {
    return this.#lost.promise;
  }

  /** For the last look before bytes leave the process: true while nobody can have taken over. Never waits. */
  get isGood(): boolean {
    return this.#failure === null && !this.#closed && this.#dependencies.monotonicClock.elapsedMs() < this.#goodUntilMs;
  }

  async confirm(): Promise<void> {
    if (this.isGood) return;
    await this.renew();
    if (!this.isGood) throw new StoreUnavailable('the lease of this process could not be renewed in time');
  }

  /** Written anew at once; calls that overlap share one write. Throws LeaseLost and StoreUnavailable. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  /** Renews until `signal` aborts, and sooner when a copy has come further. Never rejects: `lost` does. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, leaseMs, log, progress } = this.#dependencies;
    const renewalMs = leaseMs / RENEWALS_PER_LEASE;
    const stepMs = Math.min(PROGRESS_INTERVAL_MS, renewalMs);
    let told = JSON.stringify(progress.own());
    for (let sinceMs = 0; !signal.aborted && this.#failure === null && !this.#closed; sinceMs += stepMs) {
      await clock.sleep(stepMs, signal);
      const now = JSON.stringify(progress.own());
      if (signal.aborted || (sinceMs + stepMs < renewalMs && now === told)) continue;
      told = now;
      sinceMs = 0;
      await this.renew().catch((error: unknown) => log.warn({ error }, 'The lease of this process was not renewed.'));
    }
  }

  /** Gives everything back, so that others need not wait. Nothing may be done afterwards. */
  async end(): Promise<void> {
    await this.#renewing?.catch(() => undefined);
    this.#closed = true;
    if (this.#revision === null || this.#failure !== null) return;
    // Whoever waits for this process then waits a little longer.
    await this.#write('ended').catch(() => undefined);
  }

  isGone(runner: string): Promise<boolean> {
    return runner === this.runner ? Promise.resolve(false) : this.#others.isGone(runner);
  }

  async isAbandoned(host: HostName): Promise<boolean> {
    const served = await this.#dependencies.values.read(`host-${host}`);
    return served === null || this.isGone(served.value.runner);
  }

  async #renew(): Promise<void> {
    const { leaseMs, monotonicClock, values } = this.#dependencies;
    if (this.#failure !== null) throw this.#failure;
    if (this.#closed) throw new StoreUnavailable('this process has given its work back');
    // Before it is sent: others count from when they see it, which is later.
    const sentAtMs = monotonicClock.elapsedMs();
    let written = await this.#write('running');
    if (written === null) {
      // An earlier write whose answer was lost may have been done; nobody else writes that this process runs.
      const newest = await values.read(`process-${this.runner}`);
      if (newest?.value.state === 'running') {
        this.#revision = newest.revision;
        written = await this.#write('running');
      }
    }
    if (written === null) throw this.#lose();
    this.#revision = written;
    this.#goodUntilMs = sentAtMs + leaseMs * (1 - MARGIN);
  }

  #write(state: ProcessValue['state']): Promise<number | null> {
    const { description, progress, values, witness } = this.#dependencies;
    const value = { state, identity: witness.identity, description, progress: progress.own() };
    return values.write(`process-${this.runner}`, value, this.#revision);
  }

  #lose(): LeaseLost {
    const { leaseMs } = this.#dependencies;
    this.#failure = new LeaseLost(
      `another process has taken over: this one was not heard of for ${leaseMs / 1000} s, because it was stopped, ` +
        'starved, or could not reach the store. It ends now and has changed nothing since; start it again',
    );
    this.#lost.reject(this.#failure);
    return this.#failure;
  }
}
