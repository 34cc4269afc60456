import type { LatestValues, ProcessValue } from './ports/latest-values.ts';
import type { MonotonicClock } from './ports/monotonic-clock.ts';
import type { ProcessWitness } from './ports/process-witness.ts';

type Dependencies = {
  readonly values: LatestValues;
  readonly monotonicClock: MonotonicClock;
  readonly witness: ProcessWitness;
  readonly leaseMs: number;
};

type Seen = { readonly revision: number; readonly sinceMs: number };

/** What this process has seen of the leases of others, each on this process's own clock. */
export class OtherProcesses {
  readonly #dependencies: Dependencies;
  readonly #seen = new Map<string, Seen>();
  readonly #gone = new Set<string>();

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** To be asked again and again: a process that is not heard of is ended only after the whole lease. */
  async isGone(runner: string): Promise<boolean> {
    if (this.#gone.has(runner)) return true;
    const latest = await this.#dependencies.values.read(`process-${runner}`);
    if (latest === null || latest.value.state === 'ended') return this.#isGoneForGood(runner);
    if (!this.#hasRunOut(runner, latest.revision, latest.value)) return false;
    const ended = { ...latest.value, state: 'ended', progress: {} } as const;
    const written = await this.#dependencies.values.write(`process-${runner}`, ended, latest.revision);
    // Null: it has renewed its lease in the last moment, or somebody else has ended it. The next look tells.
    return written === null ? false : this.#isGoneForGood(runner);
  }

  #hasRunOut(runner: string, revision: number, { identity }: ProcessValue): boolean {
    const { leaseMs, monotonicClock, witness } = this.#dependencies;
    if (identity !== null && witness.isSurelyGone(identity)) return true;
    const nowMs = monotonicClock.elapsedMs();
    const seen = this.#seen.get(runner);
    if (seen?.revision === revision) return nowMs - seen.sinceMs >= leaseMs;
    this.#seen.set(runner, { revision, sinceMs: nowMs });
    return false;
  }

  #isGoneForGood(runner: string): true {
    this.#seen.delete(runner);
    this.#gone.add(runner);
    return true;
  }
}
