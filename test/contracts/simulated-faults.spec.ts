import { describe, expect, it } from 'vitest';
import {
  CALL_DEADLINE_MS,
  delay,
  diskFull,
  failAfter,
  failBefore,
  hang,
  hostDown,
  hostUp,
  lateEffect,
  unknownAfter,
  unknownBefore,
} from '../../adapters/simulated/simulated-faults.ts';
import { refusalOf, valueOf } from './hypervisor-driver.fixture.ts';
import { DESTINATION, guestOf, simulatedPair, SOURCE } from './simulated-pair.fixture.ts';

async function spawned() {
  const pair = simulatedPair();
  const guest = guestOf(pair.bootImages);
  const driver = pair.driver(SOURCE);
  valueOf(await driver.spawn(guest));
  const original = valueOf(await driver.captureDefinition(guest.instanceId));
  const state = () => pair.cloud.guest(SOURCE, guest.instanceId)?.state;
  return { ...pair, guest, driver, original, state, pause: () => driver.pause(guest.instanceId) };
}

describe('a scripted fault', () => {
  it('meets one call of its operation on its host, and the next call goes well', async () => {
    const { faults, driver, pause, state } = await spawned();
    faults.next(DESTINATION, 'pause', failBefore('other host'));
    faults.next(SOURCE, 'stop', failBefore('other operation'));
    faults.next(SOURCE, 'pause', failBefore('first'));
    faults.next('*', 'pause', failBefore('second'));
    expect(refusalOf(await pause())).toBe('first');
    expect(refusalOf(await pause())).toBe('second');
    expect(state()).toBe('running');
    valueOf(await pause());
    expect(state()).toBe('paused');
    expect(faults.unmet()).toBe(2);
    expect(driver.host).toBe(SOURCE);
  });

  it('says what it is told to say, whether the effect stands or not', async () => {
    for (const [fault, outcome, expected] of [
      [failBefore('r'), 'failed', 'running'],
      [failAfter('r'), 'failed', 'paused'],
      [unknownBefore(), 'unknown', 'running'],
      [unknownAfter(), 'unknown', 'paused'],
    ] as const) {
      const { faults, pause, state } = await spawned();
      faults.next(SOURCE, 'pause', fault);
      expect(await pause()).toMatchObject({ outcome });
      expect(state()).toBe(expected);
    }
  });

  it('lets an effect land later than its answer', async () => {
    const { clock, faults, pause, state } = await spawned();
    faults.next(SOURCE, 'pause', lateEffect(5000));
    expect(await pause()).toMatchObject({ outcome: 'unknown' });
    await clock.advance(4999);
    expect(state()).toBe('running');
    await clock.advance(1);
    expect(state()).toBe('paused');
  });

  it('delays effect and answer, but the answer not beyond the deadline', async () => {
    for (const [milliseconds, outcome, answeredAtMs] of [
      [5000, 'succeeded', 5000],
      [CALL_DEADLINE_MS + 5000, 'unknown', CALL_DEADLINE_MS],
    ] as const) {
      const { clock, cloud, faults, pause, state } = await spawned();
      const startedMs = cloud.nowMs();
      faults.next(SOURCE, 'pause', delay(milliseconds));
      const answered = pause().then(({ outcome: said }) => [said, cloud.nowMs() - startedMs]);
      await clock.advance(milliseconds - 1);
      expect(state()).toBe('running');
      await clock.advance(1);
      expect(state()).toBe('paused');
      expect(await answered).toEqual([outcome, answeredAtMs]);
    }
  });

  it('hangs until the deadline and then nobody knows', async () => {
    const { clock, faults, pause, state } = await spawned();
    faults.next(SOURCE, 'pause', hang());
    const answer = pause();
    await clock.runUntilIdle();
    expect(await answer).toMatchObject({ outcome: 'unknown', reason: 'no answer within 30000 ms' });
    expect(state()).toBe('running');
  });

  it('takes a host down and up; its guests run on', async () => {
    const { cloud, faults, driver, guest } = await spawned();
    faults.next(SOURCE, 'ping', hostDown(SOURCE));
    expect(refusalOf(await driver.ping())).toBe("unable to connect to server at '192.0.2.1:16509': No route to host");
    refusalOf(await driver.inquire(guest.instanceId));
    expect(cloud.runningCopies(guest.instanceId)).toEqual([SOURCE]);
    faults.next(SOURCE, 'ping', hostUp(SOURCE));
    valueOf(await driver.ping());
    valueOf(await driver.inquire(guest.instanceId));
  });
});

describe('a simulated rescue that goes wrong', () => {
  it('tells whether the guest was powered off', async () => {
    for (const [fault, guestAffected] of [
      [failBefore('r'), false],
      [diskFull(SOURCE), false],
      [failAfter('r'), true],
      [unknownBefore(), true],
    ] as const) {
      const { faults, driver, guest, rescueImages, original } = await spawned();
      faults.next(SOURCE, 'rescue', fault);
      expect(await driver.rescue(guest, rescueImages, original)).toMatchObject({ guestAffected });
    }
  });

  it('rebuilds the original from the record when unrescue.xml is damaged, and prefers the file when it is not', async () => {
    const { cloud, driver, guest, rescueImages, original } = await spawned();
    for (const [text, name] of [
      ['{"name":', 'server'],
      [original.definition.replace('"server"', '"rewritten"'), 'rewritten'],
    ] as const) {
      await driver.rescue(guest, rescueImages, original);
      const content = Buffer.from(text);
      cloud.writeFile(cloud.host(SOURCE), guest.instanceId, 'unrescue.xml', { content, capacityBytes: content.length });
      valueOf(await driver.unrescue(guest.instanceId, original));
      expect(cloud.guest(SOURCE, guest.instanceId)).toMatchObject({ bootedFrom: 'disk', definition: { name } });
    }
  });

  it('keeps the rescue files while the original machine cannot be booted', async () => {
    const { cloud, transfer, driver, guest, rescueImages, original } = await spawned();
    await driver.rescue(guest, rescueImages, original);
    await transfer.remove(SOURCE, guest.instanceId, 'kernel');
    expect(refusalOf(await driver.unrescue(guest.instanceId, original))).toContain('/kernel: No such file');
    expect([...(cloud.files(SOURCE, guest.instanceId)?.keys() ?? [])]).toEqual(
      expect.arrayContaining(['unrescue.xml', 'disk.rescue', 'kernel.rescue', 'ramdisk.rescue']),
    );
  });
});

describe('two calls at once', () => {
  it('spawn one guest, and rescue it once', async () => {
    const pair = simulatedPair();
    const guest = guestOf(pair.bootImages);
    const drivers = [pair.driver(SOURCE), pair.driver(SOURCE)] as const;
    for (const answer of await Promise.all(drivers.map((driver) => driver.spawn(guest)))) valueOf(answer);
    const original = valueOf(await drivers[0].captureDefinition(guest.instanceId));
    await Promise.all(drivers.map((driver) => driver.rescue(guest, pair.rescueImages, original)));
    const boots = pair.cloud.effects().filter(({ effect }) => effect === 'guestBooted');
    expect(boots).toHaveLength(2);
    expect(pair.cloud.guest(SOURCE, guest.instanceId)?.bootedFrom).toBe('disk.rescue');
  });
});
