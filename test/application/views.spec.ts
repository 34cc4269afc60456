import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { MemoryEventStore } from '../../adapters/event-store/memory-event-store.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import { flavorStream, keyPairStream, viewStream } from '../../application/catalogue-aggregates.ts';
import type { DomainEvent, StreamName } from '../../application/ports/event-store.ts';
import { ViewStopped } from '../../application/views/view-stopped.ts';
import { Views } from '../../application/views/views.ts';
import { instant, userId } from '../../domain/shared/ids.ts';

const AT = instant('2026-11-23T20:00:00.000Z');
const OWNER = userId('owner');
const METADATA = { correlationId: 'req', causationId: 'req', actor: 'operator' };

const keyPair = (name: string): DomainEvent => ({
  type: 'KeyPairCreated',
  userId: OWNER,
  name,
  keyType: 'ssh',
  publicKey: 'ssh-ed25519 AAAA',
  fingerprint: '00',
  at: AT,
});
/** No decision could have led to it: the flavor is not there. */
const POISON: DomainEvent = { type: 'FlavorDeleted', at: AT };

let store: MemoryEventStore;
let stops: string[];
beforeEach(() => {
  store = new MemoryEventStore(new SystemClock());
  stops = [];
});

async function record(stream: StreamName, data: DomainEvent): Promise<{ id: string; position: number }> {
  const id = randomUUID();
  const before = await store.readStream(stream);
  const answer = await store.append(stream, before.length === 0 ? 'none' : before.length - 1, [
    { id, data, metadata: METADATA },
  ]);
  if (answer.answer !== 'appended') throw new Error(`not appended: ${answer.answer}`);
  return { id, position: answer.position };
}

const newViews = (): Views => new Views((view, { reason }) => void stops.push(`${view}: ${reason}`));

async function replayed(): Promise<Views> {
  const views = newViews();
  await views.rebuild(store);
  return views;
}

async function followed(): Promise<Views> {
  const views = await replayed();
  const ending = new AbortController();
  const following = views.follow(store, ending.signal);
  onTestFinished(async () => {
    ending.abort();
    await following;
  });
  return views;
}

const statusOf = (views: Views, name: string) => views.status().find((status) => status.name === name);
const flavor = { id: '9', name: 'm9', vcpus: 1, ramMiB: 64, diskGiB: 1 };
const created: DomainEvent = {
  type: 'FlavorCreated',
  flavor,
  description: null,
  extraSpecs: {},
  isPublic: true,
  at: AT,
};

describe('an event that a view cannot digest', () => {
  it('stops this view alone, which says where and why, and is never shown as it was', async () => {
    const { id, position } = await record(flavorStream('9'), POISON);
    await record(keyPairStream(OWNER, 'k'), keyPair('k'));
    const views = await replayed();
    expect(() => views.flavors).toThrow(ViewStopped);
    expect(() => views.demand('flavors')).toThrow(ViewStopped);
    expect(views.keyPairs.ofUser(OWNER)).toHaveLength(1);
    expect(statusOf(views, 'flavors')).toMatchObject({
      state: 'stopped',
      position: 0,
      stop: { eventId: id, position, eventType: 'FlavorDeleted', stream: 'flavor-9' },
    });
    expect(statusOf(views, 'keyPairs')).toMatchObject({ state: 'following', stop: null, position: views.position });
    expect(stops).toEqual(['flavors: evolveFlavor: FlavorDeleted for a flavor that is not there']);
  });

  it('is left out once an operator has said so, by every process, then and at every later start', async () => {
    const { id } = await record(flavorStream('9'), POISON);
    await record(flavorStream('8'), created);
    const views = await followed();
    expect(() => views.flavors).toThrow(ViewStopped);
    const { position } = await record(viewStream('flavors'), {
      type: 'PoisonEventSkipped',
      eventId: id,
      reason: 'bug',
      at: AT,
    });
    await views.reached(position);
    await views.settled();
    const later = await replayed();
    for (const one of [views, later]) {
      expect(one.flavors.all()).toHaveLength(1);
      expect(statusOf(one, 'flavors')).toMatchObject({ state: 'following', position, skippedEvents: [id] });
    }
  });

  it('is tried again when an operator says so, and stops the view again while nothing has changed', async () => {
    await record(flavorStream('9'), POISON);
    const views = await followed();
    const { position } = await record(viewStream('flavors'), { type: 'ViewRetryRequested', at: AT });
    await views.reached(position);
    await views.settled();
    expect(statusOf(views, 'flavors')).toMatchObject({ state: 'stopped', position: 0 });
    expect(stops).toHaveLength(2);
  });

  it('that stops a rebuild leaves the view as it was', async () => {
    const views = await followed();
    await views.reached((await record(flavorStream('8'), created)).position);
    // Only what is read from the beginning meets it: as if the program had become stricter.
    const readAll = store.readAll.bind(store);
    store.readAll = async (after, limit) => {
      const page = await readAll(after, limit);
      return page.map((event) => (event.stream === 'flavor-8' ? { ...event, data: POISON } : event));
    };
    await views.reached((await record(viewStream('flavors'), { type: 'ViewRebuildRequested', at: AT })).position);
    await views.settled();
    expect(views.flavors.all()).toHaveLength(1);
    expect(statusOf(views, 'flavors')).toMatchObject({
      state: 'following',
      rebuildStop: { eventType: 'FlavorDeleted' },
    });
  });
});

describe('a rebuild', () => {
  it('puts another view in the place of the one that served meanwhile, and loses nothing', async () => {
    for (let count = 0; count < 2500; count += 1) await record(keyPairStream(OWNER, `k${count}`), keyPair(`k${count}`));
    const views = await followed();
    const before = views.keyPairs;
    const others = views.servers;
    const { position } = await record(viewStream('keyPairs'), { type: 'ViewRebuildRequested', at: AT });
    await views.reached(position);
    expect(views.keyPairs).toBe(before);
    expect(statusOf(views, 'keyPairs')?.rebuilding).toBe(true);
    for (let count = 0; count < 50; count += 1) await record(keyPairStream(OWNER, `l${count}`), keyPair(`l${count}`));
    await views.settled();
    const last = await record(keyPairStream(OWNER, 'm'), keyPair('m'));
    await views.reached(last.position);
    expect(views.keyPairs).not.toBe(before);
    expect(views.servers).toBe(others);
    expect(views.keyPairs.ofUser(OWNER)).toHaveLength(2551);
    expect([...views.keyPairs.save()]).toEqual([...(await replayed()).keyPairs.save()]);
  });

  it('is not made at a start, which reads from the beginning anyway, nor for a view of another program', async () => {
    await record(viewStream('flavors'), { type: 'ViewRebuildRequested', at: AT });
    await record(viewStream('ofAnotherVersion'), { type: 'ViewRebuildRequested', at: AT });
    const views = await replayed();
    expect(views.status().every(({ state, rebuilding }) => state === 'following' && !rebuilding)).toBe(true);
  });
});
