import { describe, expect, it } from 'vitest';
import { type EventStore, type RecordedEvent, StoreUnavailable } from '../../application/ports/event-store.ts';
import type { OpenEmptyStore } from './event-store.contract.ts';
import { idsOf, newEvents, newStream, SetClock, take } from './event-store.fixture.ts';

export function subscribeContract(open: OpenEmptyStore): void {
  describe('subscribe', () => {
    it('gives what is stored, then what is appended, once and in order, from any position', async () => {
      const store = await open(new SetClock());
      const STORED = 600;
      const LATER = 40;
      const stream = newStream();
      await store.append(stream, 'none', newEvents(STORED));
      const stop = new AbortController();
      const middle = (await store.readAll(0, STORED))[STORED / 2 - 1]?.position ?? 0;
      const fromStart = take(store.subscribe(0, stop.signal), STORED + LATER);
      const fromMiddle = take(store.subscribe(middle, stop.signal), STORED / 2 + LATER);
      await appendOneByOne(store, LATER);
      const log = idsOf(await store.readAll(0, STORED + LATER));
      expect(idsOf(await fromStart)).toEqual(log);
      expect(idsOf(await fromMiddle)).toEqual(log.slice(STORED / 2));
      await store.close();
    });

    it('wakes for every single append, although the reader was waiting each time', async () => {
      const store = await open(new SetClock());
      const stop = new AbortController();
      const events = store.subscribe(0, stop.signal)[Symbol.asyncIterator]();
      for (let round = 0; round < 20; round += 1) {
        const next = events.next();
        const [event] = newEvents(1);
        await store.append(newStream(), 'none', event === undefined ? [] : [event]);
        expect((await next).value).toMatchObject({ id: event?.id });
      }
      stop.abort();
      await store.close();
    });

    it('holds up neither appends nor other readers while one reader does not read', async () => {
      const store = await open(new SetClock());
      const stop = new AbortController();
      const slow = store.subscribe(0, stop.signal)[Symbol.asyncIterator]();
      const fast = take(store.subscribe(0, stop.signal), 30);
      await appendOneByOne(store, 30);
      expect(await fast).toHaveLength(30);
      expect((await slow.next()).value).toMatchObject({ revision: 0 });
      stop.abort();
      await store.close();
    });

    it('ends when it is aborted: before the start, while it waits and between two events', async () => {
      const store = await open(new SetClock());
      const read = async (signal: AbortSignal, each: () => void): Promise<number> => {
        let count = 0;
        for await (const event of store.subscribe(0, signal)) {
          count += event.position > 0 ? 1 : 0;
          each();
        }
        return count;
      };
      const waiting = new AbortController();
      const ended = read(waiting.signal, () => undefined);
      setImmediate(() => waiting.abort());
      expect(await ended).toBe(0);
      await store.append(newStream(), 'none', newEvents(3));
      const between = new AbortController();
      expect(await read(between.signal, () => between.abort())).toBe(1);
      expect(await read(AbortSignal.abort(), () => undefined)).toBe(0);
      await store.close();
    });

    it('throws StoreUnavailable when the store is closed under it: a silent end would look like an abort', async () => {
      const store = await open(new SetClock());
      const next = store.subscribe(0, new AbortController().signal)[Symbol.asyncIterator]().next();
      setImmediate(() => void store.close());
      await expect(next).rejects.toThrow(StoreUnavailable);
    });
  });
}

async function appendOneByOne(store: EventStore, count: number): Promise<readonly RecordedEvent[]> {
  const stream = newStream();
  for (const [index, event] of newEvents(count).entries()) {
    await store.append(stream, index === 0 ? 'none' : index - 1, [event]);
  }
  return store.readStream(stream);
}
