import { describe, expect, it } from 'vitest';
import { MemoryLatestValues } from '../../adapters/event-store/memory-latest-values.ts';
import { SimulatedClock } from '../../adapters/simulated/simulated-clock.ts';
import { ComputeHosts } from '../../application/compute-hosts.ts';
import { HostClaims } from '../../application/host-claims.ts';
import { MigrationProgressBoard } from '../../application/migration-progress-board.ts';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import type { LatestValues } from '../../application/ports/latest-values.ts';
import { ProcessLease } from '../../application/process-lease.ts';
import { LeaseLost } from '../../application/work-lease.ts';
import { hostName } from '../../domain/shared/ids.ts';

const LEASE_MS = 60_000;
const HOST = hostName('host-1');
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Two processes, whose monotonic clocks have nothing to do with each other, on one store. */
function twoProcesses(values: LatestValues = new MemoryLatestValues()) {
  const clock = new SimulatedClock();
  const dead = new Set<string>();
  const process = (runner: string, uptimeMs: number) => {
    const startedAt = Date.parse(clock.now());
    const monotonicClock = { elapsedMs: () => uptimeMs + Date.parse(clock.now()) - startedAt };
    const witness = { identity: runner, isSurelyGone: (identity: string) => dead.has(identity) };
    const progress = new MigrationProgressBoard();
    const dependencies = { values, clock, monotonicClock, witness, progress, log, runner, description: runner };
    const lease = new ProcessLease({ ...dependencies, leaseMs: LEASE_MS });
    const hosts = new ComputeHosts([], []);
    return { lease, hosts, claims: new HostClaims({ values, lease, hosts, log }, [HOST]) };
  };
  return { clock, values, dead, one: process('one', 5), two: process('two', 9_000_000) };
}

describe('the lease of a process', () => {
  it('lasts for ever while it is renewed, whoever looks', async () => {
    const { clock, one, two } = twoProcesses();
    const ending = new AbortController();
    await one.lease.renew();
    void one.lease.run(ending.signal);
    for (let passedMs = 0; passedMs < 5 * LEASE_MS; passedMs += 5000) {
      await clock.advance(5000);
      expect(await two.lease.isGone('one')).toBe(false);
      expect(one.lease.isGood).toBe(true);
    }
    ending.abort();
  });

  it('is taken only after its whole time on the taker’s own clock, and after its holder has stopped by itself', async () => {
    const { clock, one, two } = twoProcesses();
    await one.lease.renew();
    await clock.advance(LEASE_MS / 2);
    expect(await two.lease.isGone('one')).toBe(false);
    await clock.advance(LEASE_MS - 1000);
    expect(await two.lease.isGone('one')).toBe(false);
    expect(one.lease.isGood).toBe(false);
    await clock.advance(1000);
    expect(await two.lease.isGone('one')).toBe(true);
    await expect(one.lease.confirm()).rejects.toThrow(LeaseLost);
    await expect(one.lease.lost).rejects.toThrow('another process has taken over');
    await expect(one.lease.renew()).rejects.toThrow(LeaseLost);
  });

  it('goes on when nobody has taken it, however long its holder slept', async () => {
    const { clock, one, two } = twoProcesses();
    await one.lease.renew();
    await clock.advance(100 * LEASE_MS);
    expect(one.lease.isGood).toBe(false);
    await one.lease.confirm();
    expect(one.lease.isGood).toBe(true);
    expect(await two.lease.isGone('one')).toBe(false);
  });

  it('is either renewed or taken, never both, when both happen at one moment', async () => {
    const values = new MemoryLatestValues();
    const { clock, one, two } = twoProcesses(values);
    await one.lease.renew();
    await two.lease.isGone('one');
    await clock.advance(LEASE_MS);
    const write = values.write.bind(values);
    let isFirst = true;
    values.write = async (key, value, expected) => {
      if (isFirst) {
        isFirst = false;
        // Between the taker's look and its write.
        await one.lease.renew();
      }
      return write(key, value, expected);
    };
    expect(await two.lease.isGone('one')).toBe(false);
    expect(one.lease.isGood).toBe(true);
  });

  it('is known to be over at once when its process has surely ended, or has said so', async () => {
    const { dead, one, two } = twoProcesses();
    await one.lease.renew();
    expect(await two.lease.isGone('one')).toBe(false);
    dead.add('one');
    expect(await two.lease.isGone('one')).toBe(true);
    await two.lease.renew();
    await two.lease.end();
    expect(two.lease.isGood).toBe(false);
    expect(await twoProcesses(new MemoryLatestValues()).one.lease.isGone('two')).toBe(true);
  });

  it('survives a renewal whose answer was lost', async () => {
    const values = new MemoryLatestValues();
    const { one } = twoProcesses(values);
    await one.lease.renew();
    const write = values.write.bind(values);
    values.write = async (...args) => {
      await write(...args);
      values.write = write;
      throw new StoreUnavailable('no answer');
    };
    await expect(one.lease.renew()).rejects.toThrow(StoreUnavailable);
    await one.lease.renew();
    expect(one.lease.isGood).toBe(true);
  });
});

describe('the claim of a host', () => {
  it('is one process’s, and another’s only when that one is gone; so is the choice of hosts', async () => {
    const { clock, one, two } = twoProcesses();
    await one.lease.renew();
    await one.claims.claim();
    await two.lease.renew();
    await two.claims.claim();
    expect([one.hosts.serves(HOST), one.lease.schedules]).toEqual([true, true]);
    expect([two.hosts.serves(HOST), two.lease.schedules]).toEqual([false, false]);
    expect(two.claims.waitsFor()).toEqual([HOST]);
    await clock.advance(LEASE_MS);
    await two.lease.renew();
    await two.claims.claim();
    expect([two.hosts.serves(HOST), two.lease.schedules]).toEqual([true, true]);
    await expect(one.lease.confirm()).rejects.toThrow(LeaseLost);
  });
});
