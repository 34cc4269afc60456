import type { Clock } from '../../application/ports/clock.ts';
import type { MigrationProgress } from '../../application/ports/hypervisor-driver.ts';
import type { Outcome } from '../../domain/shared/outcome.ts';
import type { LiveMigrationSettings } from './live-migration-settings.ts';

/** How often the job is asked; each question costs libvirt a command to the guest's monitor. */
export const PROGRESS_INTERVAL_MS = 250;
/** Nova counts at least two GiB. */
const GIB_MIN = 2;
/** What a forced copy may still take: its guest stands still, or runs without its memory. */
const FORCED_SECONDS_PER_GIB = 60;
/** After the job was told to stop, for Perform to say so. */
export const ABORT_GRACE_MS = 60_000;
/** A stall is noticed at most this part of its timeout late. */
const LOOKS_PER_STALL = 10;
const SECOND_MS = 1000;

/** The copy that is watched; none of the calls lasts longer than its own deadline. */
export type WatchedCopy = {
  /** Null when nobody says. */
  readonly progress: () => Promise<MigrationProgress | null>;
  readonly progressed: (progress: MigrationProgress) => void;
  readonly abort: () => Promise<Outcome<null>>;
  readonly force: () => Promise<Outcome<null>>;
  /** It was told to stop and does not: nobody waits for it any longer. */
  readonly giveUp: () => void;
};

/** Milliseconds; null: no limit. */
export type CopyLimits = {
  readonly completionMs: number | null;
  readonly completionAction: LiveMigrationSettings['completionTimeoutAction'];
  readonly forcedMs: number;
  readonly stallMs: number | null;
};

export function copyLimits(settings: LiveMigrationSettings, gibToCopy: number): CopyLimits {
  const { completionTimeoutSecondsPerGiB, completionTimeoutAction, stallTimeoutSeconds } = settings;
  const gib = Math.max(GIB_MIN, gibToCopy);
  return {
    completionMs: msUnlessZero(completionTimeoutSecondsPerGiB * gib),
    completionAction: completionTimeoutAction,
    forcedMs: FORCED_SECONDS_PER_GIB * gib * SECOND_MS,
    stallMs: msUnlessZero(stallTimeoutSeconds),
  };
}

/** Looks at a running copy, tells how far it is, and ends what takes too long. One for each Perform. */
export class MigrationWatch {
  readonly #copy: WatchedCopy;
  readonly #limits: CopyLimits;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #lastSeen: MigrationProgress | null = null;
  #moved = false;
  #abortedBecause: string | null = null;

  constructor(copy: WatchedCopy, limits: CopyLimits, clock: Clock) {
    this.#copy = copy;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Why this side has stopped the copy; null when it has not. */
  get abortedBecause(): string | null {
    return this.#abortedBecause;
  }

  start(): void {
    void this.#lookOn();
    void this.#endInTime();
    void this.#endWhenStalled();
  }

  /** Perform has answered. */
  stop(): void {
    this.#ended.abort();
  }

  /** Does nothing when the copy has ended or was stopped before; a copy that cannot be stopped goes on. */
  async abort(reason: string): Promise<void> {
    if (this.#hasEnded() || this.#abortedBecause !== null) return;
    this.#abortedBecause = reason;
    const aborted = await this.#copy.abort();
    if (aborted.outcome === 'failed') {
      this.#abortedBecause = null;
      return;
    }
    if (await this.#passed(ABORT_GRACE_MS)) this.#copy.giveUp();
  }

  async #lookOn(): Promise<void> {
    while (await this.#passed(PROGRESS_INTERVAL_MS)) {
      const progress = await this.#copy.progress();
      if (progress === null || this.#hasEnded()) continue;
      this.#moved ||= hasMoved(this.#lastSeen, progress);
      this.#lastSeen = progress;
      this.#copy.progressed(progress);
    }
  }

  async #endInTime(): Promise<void> {
    const { completionMs, completionAction, forcedMs } = this.#limits;
    if (completionMs === null || !(await this.#passed(completionMs))) return;
    const tooLong = `it took longer than ${seconds(completionMs)}`;
    if (completionAction === 'abort') return this.abort(tooLong);
    const forced = await this.#copy.force();
    if (forced.outcome !== 'succeeded') return this.abort(`${tooLong} and could not be forced: ${forced.reason}`);
    if (await this.#passed(forcedMs)) await this.abort(`${tooLong}, and ${seconds(forcedMs)} more when it was forced`);
  }

  async #endWhenStalled(): Promise<void> {
    const { stallMs } = this.#limits;
    if (stallMs === null) return;
    for (let silentLooks = 0; silentLooks < LOOKS_PER_STALL; silentLooks += 1) {
      if (!(await this.#passed(stallMs / LOOKS_PER_STALL))) return;
      if (this.#moved) silentLooks = -1;
      this.#moved = false;
    }
    await this.abort(`nothing was transferred for ${seconds(stallMs)}`);
  }

  /** False when the copy ended before the time was over. */
  async #passed(milliseconds: number): Promise<boolean> {
    await this.#clock.sleep(milliseconds, this.#ended.signal);
    return !this.#hasEnded();
  }

  #hasEnded(): boolean {
    return this.#ended.signal.aborted;
  }
}

/**
 * Bytes sent count, not only bytes that no longer remain: a guest that writes faster than it is copied has an ever new
 * remainder without being stuck, and Nova gave its own timeout up because it took the one for the other.
 */
function hasMoved(before: MigrationProgress | null, now: MigrationProgress): boolean {
  if (before === null) return true;
  const figures = ['memoryProcessedBytes', 'memoryRemainingBytes', 'diskProcessedBytes', 'diskRemainingBytes'] as const;
  return figures.some((figure) => now[figure] !== before[figure]);
}

const msUnlessZero = (seconds_: number): number | null => (seconds_ === 0 ? null : seconds_ * SECOND_MS);
const seconds = (milliseconds: number): string => `${milliseconds / SECOND_MS} s`;
