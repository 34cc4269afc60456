import { describe, expect, it } from 'vitest';
import { RandomIdSource } from '../../adapters/system/random-id-source.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';

describe('SystemClock', () => {
  it('says the time in UTC with milliseconds', () => {
    const now = new SystemClock().now();
    expect(now).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
    expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(1000);
  });

  it('sleeps at least as long as it was told', async () => {
    const startedMs = performance.now();
    await new SystemClock().sleep(30);
    // Node's timers may fire up to a millisecond early.
    expect(performance.now() - startedMs).toBeGreaterThan(28);
  });

  it('ends a sleep when it is aborted, even one longer than a timer can be', async () => {
    const ending = new AbortController();
    const slept = new SystemClock().sleep(Number.MAX_SAFE_INTEGER, ending.signal);
    ending.abort();
    await slept;
    await new SystemClock().sleep(60_000, ending.signal);
    expect(ending.signal.aborted).toBe(true);
  });

  it('refuses a length that is none', async () => {
    await expect(new SystemClock().sleep(-1)).rejects.toThrow(RangeError);
    await expect(new SystemClock().sleep(Number.NaN)).rejects.toThrow(RangeError);
  });
});

describe('RandomIdSource', () => {
  it('gives version 4 UUIDs, no two alike', () => {
    const source = new RandomIdSource();
    const ids = Array.from({ length: 100 }, () => source.uuid());
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(100);
  });
});
