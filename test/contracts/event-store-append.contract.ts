import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { APPEND_EVENTS_MAX, type EventStore } from '../../application/ports/event-store.ts';
import { hostName, instant } from '../../domain/shared/ids.ts';
import type { OpenEmptyStore } from './event-store.contract.ts';
import { idsOf, newEvent, newEvents, newStream, SetClock } from './event-store.fixture.ts';

export function appendContract(open: OpenEmptyStore): void {
  const withStore = async (test: (store: EventStore) => Promise<void>): Promise<void> => {
    const store = await open(new SetClock());
    try {
      await test(store);
    } finally {
      await store.close();
    }
  };
  describe('append', () => {
    expectedRevision(withStore);
    repetition(withStore);
    bugs(withStore);
  });
}

type WithStore = (test: (store: EventStore) => Promise<void>) => Promise<void>;

function expectedRevision(withStore: WithStore): void {
  it('starts a stream at revision 0 and goes on at the next', () =>
    withStore(async (store) => {
      const stream = newStream();
      const first = await store.append(stream, 'none', newEvents(2));
      const second = await store.append(stream, 1, newEvents(1));
      expect(first).toMatchObject({ answer: 'appended', revision: 1 });
      expect(second).toMatchObject({ answer: 'appended', revision: 2 });
      expect((await store.readStream(stream)).map((event) => event.revision)).toEqual([0, 1, 2]);
    }));

  it('answers the position of the last event it wrote', () =>
    withStore(async (store) => {
      const answer = await store.append(newStream(), 'none', newEvents(3));
      const last = (await store.readAll(0, 10)).at(-1);
      expect(answer).toEqual({ answer: 'appended', revision: 2, position: last?.position });
    }));

  it('writes nothing at a wrong revision and says which one is right', () =>
    withStore(async (store) => {
      const stream = newStream();
      expect(await store.append(stream, 0, newEvents(1))).toEqual({ answer: 'conflict', actual: 'none' });
      await store.append(stream, 'none', newEvents(2));
      for (const wrong of ['none', 0, 2, 7] as const) {
        expect(await store.append(stream, wrong, newEvents(2))).toEqual({ answer: 'conflict', actual: 1 });
      }
      expect(await store.readAll(0, 10)).toHaveLength(2);
    }));

  it('lets exactly one of many concurrent appends at one revision win', () =>
    withStore(async (store) => {
      const stream = newStream();
      const attempts = Array.from({ length: 20 }, () => newEvents(2));
      const answers = await Promise.all(attempts.map((events) => store.append(stream, 'none', events)));
      const winner = answers.findIndex(({ answer }) => answer === 'appended');
      expect(answers.filter(({ answer }) => answer === 'appended')).toHaveLength(1);
      expect(answers.filter(({ answer }) => answer === 'conflict')).toHaveLength(19);
      expect(idsOf(await store.readStream(stream))).toEqual(idsOf(attempts[winner] ?? []));
    }));

  it('keeps for any list of appends what an in-memory log would keep', async () => {
    const appends = fc.array(
      fc.record({ stream: fc.nat(2), back: fc.nat(2), count: fc.integer({ min: 1, max: 3 }), together: fc.boolean() }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(appends, (list) => withStore((store) => matchesModel(store, list))),
      { numRuns: 25 },
    );
  });
}

type Attempt = { readonly stream: number; readonly back: number; readonly count: number; readonly together: boolean };

/** `back` is how far behind the head the caller believes to be; `together`: it does not wait for the answer. */
async function matchesModel(store: EventStore, attempts: readonly Attempt[]): Promise<void> {
  const streams = [newStream(), newStream(), newStream()];
  const model = streams.map((): string[] => []);
  const pending: Promise<void>[] = [];
  for (const { stream, back, count, together } of attempts) {
    const [name, kept] = [streams[stream] ?? newStream(), model[stream] ?? []];
    const believed = kept.length - 1 - back;
    const events = newEvents(count);
    if (back === 0) kept.push(...idsOf(events));
    const head = kept.length - 1;
    const asked = store.append(name, believed < 0 ? 'none' : believed, events);
    const right = back === 0 || (believed < 0 && head < 0);
    if (right && back > 0) kept.push(...idsOf(events));
    const checked = asked.then((answer) => {
      const actual = head < 0 ? 'none' : head;
      expect(answer).toMatchObject(right ? { answer: 'appended' } : { answer: 'conflict', actual });
    });
    pending.push(checked);
    if (!together) await checked;
  }
  await Promise.all(pending);
  for (const [index, name] of streams.entries()) expect(idsOf(await store.readStream(name))).toEqual(model[index]);
}

function repetition(withStore: WithStore): void {
  it('answers a repeated append as the first time and writes nothing', () =>
    withStore(async (store) => {
      const stream = newStream();
      const events = newEvents(3);
      const first = await store.append(stream, 'none', events);
      await store.append(stream, 2, newEvents(1));
      await store.append(newStream(), 'none', newEvents(1));
      expect(await store.append(stream, 'none', events)).toEqual(first);
      expect(await store.readAll(0, 10)).toHaveLength(5);
    }));

  it('recognises a repetition that is on its way together with the first', () =>
    withStore(async (store) => {
      const stream = newStream();
      const events = newEvents(2);
      const answers = await Promise.all([store.append(stream, 'none', events), store.append(stream, 'none', events)]);
      expect(answers[0]).toMatchObject({ answer: 'appended' });
      expect(answers[1]).toEqual(answers[0]);
      expect(await store.readStream(stream)).toHaveLength(2);
    }));

  it('is no repetition when only some of the ids are the same', () =>
    withStore(async (store) => {
      const stream = newStream();
      const events = newEvents(2);
      await store.append(stream, 'none', events);
      const longer = await store.append(stream, 'none', [...events, newEvent()]);
      const other = await store.append(stream, 'none', [...events.slice(0, 1), newEvent()]);
      expect([longer, other]).toEqual([
        { answer: 'conflict', actual: 1 },
        { answer: 'conflict', actual: 1 },
      ]);
    }));

  it('refuses an id that is recorded elsewhere, and only the append that names it', () =>
    withStore(async (store) => {
      const taken = newEvent();
      const [stream, other, third] = [newStream(), newStream(), newStream()];
      await store.append(stream, 'none', [taken]);
      const results = await Promise.allSettled([
        store.append(other, 'none', [newEvent(), taken]),
        store.append(third, 'none', [newEvent()]),
        store.append(stream, 0, [taken]),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
      expect(await store.readStream(other)).toEqual([]);
      expect(await store.readStream(stream)).toHaveLength(1);
      expect(await store.readStream(third)).toHaveLength(1);
    }));
}

function bugs(withStore: WithStore): void {
  it('writes nothing of an append when one of its events cannot be stored', () =>
    withStore(async (store) => {
      const stream = newStream();
      const at = instant('2026-03-01T08:30:00.000Z');
      const unstorable = {
        ...newEvent(),
        data: { type: 'InstanceScheduled', host: hostName('a'), at, more: 1 } as const,
      };
      await expect(store.append(stream, 'none', [newEvent(), unstorable])).rejects.toThrow('more');
      expect(await store.readStream(stream)).toEqual([]);
    }));

  it('throws for what no caller may ask', () =>
    withStore(async (store) => {
      const stream = newStream();
      const twice = newEvent();
      const { metadata } = twice;
      await expect(store.append(stream, 'none', [])).rejects.toThrow('1 to 1000 events');
      await expect(store.append(stream, 'none', newEvents(APPEND_EVENTS_MAX + 1))).rejects.toThrow('not 1001');
      await expect(store.append(stream, 'none', [twice, twice])).rejects.toThrow('twice');
      await expect(store.append(stream, -1, [twice])).rejects.toThrow('expected revision');
      await expect(store.append(stream, 0.5, [twice])).rejects.toThrow('expected revision');
      await expect(store.append('instance-', 'none', [twice])).rejects.toThrow('<category>-<id>');
      await expect(store.append(`instance-${'x'.repeat(600)}`, 'none', [twice])).rejects.toThrow('<category>-<id>');
      await expect(store.append(stream, 'none', [{ ...twice, id: '1' }])).rejects.toThrow('UUID');
      const halfSurrogate = { ...twice, metadata: { ...metadata, actor: '\ud800' } };
      await expect(store.append(stream, 'none', [halfSurrogate])).rejects.toThrow('metadata');
      expect(await store.readAll(0, 10)).toEqual([]);
    }));

  it('takes the largest append the port allows', () =>
    withStore(async (store) => {
      const stream = newStream();
      const events = newEvents(APPEND_EVENTS_MAX);
      expect(await store.append(stream, 'none', events)).toMatchObject({ revision: APPEND_EVENTS_MAX - 1 });
      expect(idsOf(await store.readStream(stream))).toEqual(idsOf(events));
    }));

  it('answers unavailable once it is closed', () =>
    withStore(async (store) => {
      await store.close();
      const answer = await store.append(newStream(), 'none', newEvents(1));
      expect(answer).toEqual({ answer: 'unavailable', reason: expect.stringContaining('closed') });
    }));
}
