import { describe, expect, it } from 'vitest';
import { DEFAULT_LIVE_MIGRATION } from '../../../adapters/libvirt/live-migration-settings.ts';
import {
  ABORT_GRACE_MS,
  copyLimits,
  MigrationWatch,
  type CopyLimits,
  type WatchedCopy,
} from '../../../adapters/libvirt/migration-watch.ts';
import { SimulatedClock } from '../../../adapters/simulated/simulated-clock.ts';
import type { MigrationProgress } from '../../../application/ports/hypervisor-driver.ts';
import { failed, succeeded, unknown, type Outcome } from '../../../domain/shared/outcome.ts';

const HOUR_MS = 3_600_000;
const NOTHING: MigrationProgress = {
  memoryTotalBytes: 100,
  memoryProcessedBytes: 0,
  memoryRemainingBytes: 100,
  diskTotalBytes: 0,
  diskProcessedBytes: 0,
  diskRemainingBytes: 0,
};
const LIMITS: CopyLimits = { completionMs: null, completionAction: 'abort', forcedMs: 1000, stallMs: null };

/** A copy whose answers a test sets, and what was done to it, with the time in ms. */
function watched(limits: Partial<CopyLimits>, answers: { abort?: Outcome<null>; force?: Outcome<null> } = {}) {
  const clock = new SimulatedClock();
  const startedAt = Date.parse(clock.now());
  const done: string[] = [];
  const say = (what: string) => done.push(`${what} ${Date.parse(clock.now()) - startedAt}`);
  const state: { progress: MigrationProgress | null; reported: number } = { progress: NOTHING, reported: 0 };
  const copy: WatchedCopy = {
    progress: async () => state.progress,
    progressed: () => {
      state.reported += 1;
    },
    abort: async () => {
      say('abort');
      return answers.abort ?? succeeded(null);
    },
    force: async () => {
      say('force');
      return answers.force ?? succeeded(null);
    },
    giveUp: () => say('giveUp'),
  };
  const watch = new MigrationWatch(copy, { ...LIMITS, ...limits }, clock);
  watch.start();
  return { clock, done, state, watch };
}

describe('the limits of a copy', () => {
  it('are those of Nova for a guest of two GiB and less, and grow with larger ones', () => {
    expect(copyLimits(DEFAULT_LIVE_MIGRATION, 1)).toEqual({
      completionMs: 1_600_000,
      completionAction: 'abort',
      forcedMs: 120_000,
      stallMs: 150_000,
    });
    expect(copyLimits(DEFAULT_LIVE_MIGRATION, 10)).toMatchObject({ completionMs: 8_000_000, forcedMs: 600_000 });
  });

  it('can be taken away', () => {
    const settings = { ...DEFAULT_LIVE_MIGRATION, completionTimeoutSecondsPerGiB: 0, stallTimeoutSeconds: 0 };
    expect(copyLimits(settings, 10)).toMatchObject({ completionMs: null, stallMs: null });
  });
});

describe('a copy that takes too long', () => {
  it('is aborted, and given up when it does not end then either', async () => {
    const { clock, done, watch } = watched({ completionMs: 5000 });
    await clock.advance(HOUR_MS);
    expect(done).toEqual(['abort 5000', `giveUp ${5000 + ABORT_GRACE_MS}`]);
    expect(watch.abortedBecause).toBe('it took longer than 5 s');
    watch.stop();
  });

  it('is left alone once it has ended', async () => {
    const { clock, done, watch } = watched({ completionMs: 5000, stallMs: 5000 });
    await clock.advance(4999);
    watch.stop();
    await clock.advance(HOUR_MS);
    expect(done).toEqual([]);
    expect(watch.abortedBecause).toBeNull();
  });

  it('is forced where that is configured, and aborted when that does not end it', async () => {
    const { clock, done, watch } = watched({ completionMs: 5000, completionAction: 'forceComplete' });
    await clock.advance(5999);
    expect(done).toEqual(['force 5000']);
    await clock.advance(1);
    expect(done).toEqual(['force 5000', 'abort 6000']);
    expect(watch.abortedBecause).toBe('it took longer than 5 s, and 1 s more when it was forced');
    watch.stop();
  });

  it('is aborted at once when it cannot be forced', async () => {
    const forceComplete = { completionMs: 5000, completionAction: 'forceComplete' } as const;
    const { clock, done, watch } = watched(forceComplete, { force: failed('no') });
    await clock.advance(5000);
    expect(done).toEqual(['force 5000', 'abort 5000']);
    expect(watch.abortedBecause).toBe('it took longer than 5 s and could not be forced: no');
    watch.stop();
  });

  it('goes on when it cannot be aborted any more', async () => {
    const { clock, done, watch } = watched({ completionMs: 5000 }, { abort: failed('in post-copy mode') });
    await clock.advance(HOUR_MS);
    expect(done).toEqual(['abort 5000']);
    expect(watch.abortedBecause).toBeNull();
    watch.stop();
  });

  it('is given up when nobody says whether it was aborted', async () => {
    const { clock, done, watch } = watched({ completionMs: 5000 }, { abort: unknown('no answer') });
    await clock.advance(HOUR_MS);
    expect(done).toEqual(['abort 5000', `giveUp ${5000 + ABORT_GRACE_MS}`]);
    watch.stop();
  });
});

describe('a copy that stalls', () => {
  it('is aborted when nothing was transferred for the whole timeout', async () => {
    const { clock, done, watch } = watched({ stallMs: 10_000 });
    await clock.advance(30_000);
    // The first figures count as movement, and the last look may come a tenth of the timeout late.
    expect(done).toEqual(['abort 11000']);
    expect(watch.abortedBecause).toBe('nothing was transferred for 10 s');
    watch.stop();
  });

  it('is not taken for one whose guest writes as fast as it is copied', async () => {
    const { clock, done, state, watch } = watched({ stallMs: 10_000 });
    for (let sent = 1; sent <= 20; sent += 1) {
      state.progress = { ...NOTHING, memoryProcessedBytes: sent };
      await clock.advance(5000);
    }
    expect(done).toEqual([]);
    expect(state.reported).toBe(400);
    watch.stop();
  });

  it('includes one of which nobody can say how far it is', async () => {
    const { clock, done, state, watch } = watched({ stallMs: 10_000 });
    state.progress = null;
    await clock.advance(30_000);
    expect(done).toEqual(['abort 10000']);
    expect(state.reported).toBe(0);
    watch.stop();
  });
});
