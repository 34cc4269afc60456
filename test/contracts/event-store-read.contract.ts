import { describe, expect, it } from 'vitest';
import { READ_EVENTS_MAX, StoreUnavailable } from '../../application/ports/event-store.ts';
import { hostName, instant } from '../../domain/shared/ids.ts';
import type { OpenEmptyStore } from './event-store.contract.ts';
import { idsOf, newEvent, newEvents, newStream, SetClock } from './event-store.fixture.ts';

export function readContract(open: OpenEmptyStore): void {
  describe('reading', () => {
    it('returns what was appended, whatever its text', async () => {
      const store = await open(new SetClock());
      const stream = newStream();
      const event = newEvent();
      const strange = { ...event.data, reason: 'a\u0000b \ud800 "\\ ü 🛟' };
      const data = { type: 'InstanceCreateFailed', reason: strange.reason, at: strange.at } as const;
      await store.append(stream, 'none', [{ ...event, data }]);
      const position = (await store.readAll(0, 1))[0]?.position ?? 0;
      expect(position).toBeGreaterThan(0);
      expect(await store.readStream(stream)).toEqual([
        { ...event, data, stream, revision: 0, position, recordedAt: '2026-03-01T08:30:00.000Z' },
      ]);
      await store.close();
    });

    it('keeps what was appended when the caller changes the object afterwards', async () => {
      const store = await open(new SetClock());
      const stream = newStream();
      const at = instant('2026-03-01T08:30:00.000Z');
      const data = { type: 'InstanceScheduled' as const, host: hostName('before'), at };
      await store.append(stream, 'none', [{ ...newEvent(), data }]);
      data.host = hostName('after');
      expect((await store.readStream(stream))[0]?.data).toMatchObject({ host: 'before' });
      await store.close();
    });

    it('reads a stream from any revision, and a missing one as empty', async () => {
      const store = await open(new SetClock());
      const [stream, other] = [newStream(), newStream()];
      const events = newEvents(5);
      await store.append(stream, 'none', events);
      await store.append(other, 'none', newEvents(2));
      for (const from of [0, 1, 4, 5, 9]) {
        expect(idsOf(await store.readStream(stream, from))).toEqual(idsOf(events.slice(from)));
      }
      expect(await store.readStream(newStream())).toEqual([]);
      await store.close();
    });

    it('pages through the whole log in order, each event once', async () => {
      const store = await open(new SetClock());
      const [first, second] = [newStream(), newStream()];
      const written = Array.from({ length: 6 }, () => newEvents(2));
      for (const [index, events] of written.entries()) {
        const revision = Math.floor(index / 2) * 2 - 1;
        await store.append(index % 2 === 0 ? first : second, revision < 0 ? 'none' : revision, events);
      }
      for (const limit of [1, 5, 12, READ_EVENTS_MAX]) {
        const read: string[] = [];
        for (let after = 0; ;) {
          const page = await store.readAll(after, limit);
          expect(page.length).toBeLessThanOrEqual(limit);
          expect(page.every(({ position }, index) => position > (page[index - 1]?.position ?? after))).toBe(true);
          read.push(...idsOf(page));
          if (page.length === 0) break;
          after = page.at(-1)?.position ?? after;
        }
        expect(read).toEqual(idsOf(written.flat()));
      }
      await store.close();
    });

    it('refuses bounds outside the port’s', async () => {
      const store = await open(new SetClock());
      await expect(store.readAll(0, 0)).rejects.toThrow('1 to 10000');
      await expect(store.readAll(0, READ_EVENTS_MAX + 1)).rejects.toThrow('1 to 10000');
      await expect(store.readAll(-1, 1)).rejects.toThrow('cannot read from');
      await expect(store.readAll(Number.NaN, 1)).rejects.toThrow('cannot read from');
      await expect(store.readStream(newStream(), 0.5)).rejects.toThrow('cannot read from');
      await store.close();
    });

    it('never records a time before the event before, although the clock goes back', async () => {
      const clock = new SetClock();
      const store = await open(clock);
      const times = ['2026-03-01T08:30:01.000Z', '2026-03-01T08:30:00.500Z', '2026-03-01T08:30:02.000Z'].map(instant);
      for (const time of times) {
        clock.time = time;
        await store.append(newStream(), 'none', newEvents(1));
      }
      expect((await store.readAll(0, 3)).map((event) => event.recordedAt)).toEqual([times[0], times[0], times[2]]);
      await store.close();
    });

    it('throws StoreUnavailable once it is closed, however often', async () => {
      const store = await open(new SetClock());
      await store.close();
      await store.close();
      await expect(store.readStream(newStream())).rejects.toThrow(StoreUnavailable);
      await expect(store.readAll(0, 1)).rejects.toThrow(StoreUnavailable);
    });
  });
}
