import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../adapters/simulated/simulated-clock.ts';

describe('SimulatedClock', () => {
  it('moves only when told, and says the time in UTC with milliseconds', async () => {
    const clock = new SimulatedClock(0);
    expect(clock.now()).toBe('1970-01-01T00:00:00.000Z');
    await clock.advance(1234);
    expect(clock.now()).toBe('1970-01-01T00:00:01.234Z');
  });

  it('wakes sleepers in order of time, then of their calls, each at its own moment', async () => {
    const clock = new SimulatedClock(0);
    const woken: string[] = [];
    const sleeper = async (name: string, milliseconds: number) => {
      await clock.sleep(milliseconds);
      woken.push(`${name} ${Date.parse(clock.now())}`);
    };
    const all = Promise.all([sleeper('late', 20), sleeper('first', 10), sleeper('second', 10)]);
    await clock.advance(15);
    expect(woken).toEqual(['first 10', 'second 10']);
    await clock.runUntilIdle();
    await all;
    expect(woken).toEqual(['first 10', 'second 10', 'late 20']);
  });

  it('runs on through sleeps that follow from sleeps, but not beyond its bound', async () => {
    const clock = new SimulatedClock(0);
    let beats = 0;
    const ending = new AbortController();
    const heart = (async () => {
      while (!ending.signal.aborted) {
        await clock.sleep(10_000, ending.signal);
        beats += 1;
      }
    })();
    await clock.runUntilIdle(60_000);
    expect(beats).toBe(6);
    ending.abort();
    await heart;
    expect(Date.parse(clock.now())).toBe(60_000);
  });

  it('ends a sleep at once when it is aborted', async () => {
    const clock = new SimulatedClock(0);
    const ending = new AbortController();
    const slept = clock.sleep(1000, ending.signal);
    ending.abort();
    await slept;
    await clock.sleep(1000, ending.signal);
    expect(Date.parse(clock.now())).toBe(0);
    await clock.runUntilIdle();
    expect(Date.parse(clock.now())).toBe(0);
  });
});
