import { describe, expect, it, vi } from 'vitest';
import { idsOf, newEvent, newEvents, newStream, SetClock, take } from './event-store.fixture.ts';
import { eventStoreContract } from './event-store.contract.ts';
import { newFile, openStore } from './sqlite-file.fixture.ts';
import { instant } from '../../domain/shared/ids.ts';

describe('SqliteEventStore', () => {
  eventStoreContract((clock) => openStore(newFile(), clock));

  it('goes on where it was after it is opened again', async () => {
    const path = newFile();
    const stream = newStream();
    const [before, after] = [newEvents(3), newEvents(1)];
    const clock = new SetClock();
    const first = await openStore(path, clock);
    clock.time = instant('2026-03-01T09:00:00.000Z');
    await first.append(stream, 'none', before);
    await first.close();
    const second = await openStore(path, new SetClock());
    expect(await second.append(stream, 'none', before)).toMatchObject({ answer: 'appended', revision: 2 });
    expect(await second.append(stream, 2, after)).toMatchObject({ answer: 'appended', revision: 3 });
    const log = await second.readAll(0, 10);
    expect(idsOf(log)).toEqual(idsOf([...before, ...after]));
    expect(log.at(-1)?.recordedAt).toBe('2026-03-01T09:00:00.000Z');
  });

  it('answers what was asked before it was closed', async () => {
    const path = newFile();
    const store = await openStore(path);
    const stream = newStream();
    const asked = store.append(stream, 'none', newEvents(2));
    await store.close();
    expect(await asked).toMatchObject({ answer: 'appended', revision: 1 });
    expect(await (await openStore(path)).readStream(stream)).toHaveLength(2);
  });

  it('writes together what is asked beside each other, also behind one that was answered at once', async () => {
    const clock = new SetClock();
    // Asked once in each transaction.
    const transactions = vi.spyOn(clock, 'now');
    const store = await openStore(newFile(), clock);
    await store.append(newStream(), 'none', newEvents(1));
    const beside = async (): Promise<void> => {
      const stream = newStream();
      expect(await store.append(stream, 'none', newEvents(1))).toMatchObject({ revision: 0 });
      expect(await store.append(stream, 0, newEvents(1))).toMatchObject({ revision: 1 });
    };
    await Promise.all([beside(), beside(), beside()]);
    expect(transactions).toHaveBeenCalledTimes(3);
  });

  describe('opened twice on one file', () => {
    it('lets each see at once what the other has appended, and conflict with it', async () => {
      const path = newFile();
      const [one, two] = [await openStore(path), await openStore(path)];
      const stream = newStream();
      await one.append(stream, 'none', newEvents(1));
      expect(await two.append(stream, 'none', newEvents(1))).toEqual({ answer: 'conflict', actual: 0 });
      await two.append(stream, 0, newEvents(1));
      expect((await one.readStream(stream)).map(({ revision }) => revision)).toEqual([0, 1]);
    });

    it('lets exactly one of many concurrent appends at one revision win', async () => {
      const path = newFile();
      const [one, two] = [await openStore(path), await openStore(path)];
      const stream = newStream();
      const attempts = Array.from({ length: 10 }, () => [one, two]).flat();
      const answers = await Promise.all(attempts.map((store) => store.append(stream, 'none', newEvents(1))));
      expect(answers.filter(({ answer }) => answer === 'appended')).toHaveLength(1);
      expect(answers.filter(({ answer }) => answer === 'conflict')).toHaveLength(19);
    });

    it('loses and repeats nothing for a subscriber of one while both append', async () => {
      const path = newFile();
      const [one, two] = [await openStore(path), await openStore(path)];
      const stop = new AbortController();
      const subscribed = take(one.subscribe(0, stop.signal), 120);
      for (let round = 0; round < 40; round += 1) {
        await two.append(newStream(), 'none', [newEvent()]);
        await Promise.all([one, two].map((store) => store.append(newStream(), 'none', [newEvent()])));
      }
      expect(idsOf(await subscribed)).toEqual(idsOf(await two.readAll(0, 200)));
    });

    it('wakes a subscriber that waits for an append of the other only', async () => {
      const path = newFile();
      const [one, two] = [await openStore(path), await openStore(path)];
      const events = one.subscribe(0, new AbortController().signal)[Symbol.asyncIterator]();
      for (let round = 0; round < 3; round += 1) {
        const next = events.next();
        const event = newEvent();
        await two.append(newStream(), 'none', [event]);
        expect((await next).value).toMatchObject({ id: event.id });
      }
    });
  });
});
