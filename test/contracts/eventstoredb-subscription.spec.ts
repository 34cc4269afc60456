import { describe, expect, it } from 'vitest';
import { EventStoreDbCheckpointStore } from '../../adapters/event-store/eventstoredb-checkpoint-store.ts';
import { EventStoreDbEventStore } from '../../adapters/event-store/eventstoredb-event-store.ts';
import { EventUnreadable } from '../../application/ports/event-store.ts';
import { runSubscription } from '../../application/run-subscription.ts';
import { idsOf, newEvents, newStream, SetClock, take } from './event-store.fixture.ts';
import { connectTo, newServer, SHORT_DEADLINES, storeOn } from './eventstoredb.fixture.ts';

const never = (): AbortSignal => new AbortController().signal;

describe('a subscription to EventStoreDB', () => {
  it('goes on at its last event after every break of the connection, and misses and repeats nothing', async () => {
    const server = await newServer();
    const store = storeOn(server.url, SHORT_DEADLINES);
    // Without the server's own checkpoints it has only its last event to go by.
    server.served.checkpointsEvery = 1000;
    const subscribed = store.subscribe(0, never())[Symbol.asyncIterator]();
    const seen: string[] = [];
    const written: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const events = newEvents(3);
      await store.append(newStream(), 'none', events);
      written.push(...idsOf(events));
      while (seen.length < written.length - 1) seen.push((await subscribed.next()).value?.id ?? 'ended');
      server.proxy.cut();
    }
    while (seen.length < written.length) seen.push((await subscribed.next()).value?.id ?? 'ended');
    expect(seen).toEqual(written);
    expect(server.subscriptions).toBeGreaterThan(1);
  });

  it('outlives a server that is away for a while, ends it by an error, or never confirms', async () => {
    const server = await newServer();
    const store = storeOn(server.url, SHORT_DEADLINES);
    const writer = storeOn(server.url);
    server.served.diesAfter = 2;
    server.scriptReads('silent');
    const subscribed = store.subscribe(0, never())[Symbol.asyncIterator]();
    const events = newEvents(5);
    await writer.append(newStream(), 'none', events);
    const seen: string[] = [];
    while (seen.length < 3) seen.push((await subscribed.next()).value?.id ?? 'ended');
    await server.proxy.close();
    await server.proxy.open();
    while (seen.length < 5) seen.push((await subscribed.next()).value?.id ?? 'ended');
    expect(seen).toEqual(idsOf(events));
  });

  it('is made anew when it hears nothing for too long: some die without a word', async () => {
    const server = await newServer();
    const store = storeOn(server.url, { ...SHORT_DEADLINES, idleMs: 20 });
    const next = store.subscribe(0, never())[Symbol.asyncIterator]().next();
    while (server.subscriptions < 3) await new Promise((resolve) => void setImmediate(resolve));
    const events = newEvents(1);
    await storeOn(server.url).append(newStream(), 'none', events);
    expect((await next).value).toMatchObject({ id: events[0]?.id });
  });

  it('resumes from the saved checkpoint of its runner', async () => {
    const server = await newServer();
    const connection = connectTo(server.url, SHORT_DEADLINES);
    const eventStore = new EventStoreDbEventStore(connection, new SetClock());
    const checkpoints = new EventStoreDbCheckpointStore(connection);
    await eventStore.append(newStream(), 'none', newEvents(3));
    const positions = (await eventStore.readAll(0, 10)).map(({ position }) => position);
    const deliveries = async (until: number, stuckAt: number | undefined): Promise<readonly number[]> => {
      const [stop, taken] = [new AbortController(), new Array<number>()];
      const handle = ({ position }: { readonly position: number }): Promise<void> => {
        taken.push(position);
        if (taken.length === until) setImmediate(() => stop.abort());
        return position === stuckAt ? new Promise(() => undefined) : Promise.resolve();
      };
      await runSubscription({ eventStore, checkpoints }, { name: 'test', handle }, stop.signal);
      return taken;
    };
    expect(await deliveries(3, positions[1])).toEqual(positions);
    while ((await checkpoints.load('test')) === 0) await new Promise((resolve) => void setImmediate(resolve));
    expect(await checkpoints.load('test')).toBe(positions[0]);
    expect(await deliveries(2, undefined)).toEqual(positions.slice(1));
    await eventStore.close();
  });

  it('begins after any number, also one that is no event’s position', async () => {
    const server = await newServer();
    const store = storeOn(server.url, SHORT_DEADLINES);
    const events = newEvents(3);
    await store.append(newStream(), 'none', events);
    const second = (await store.readAll(0, 3))[1]?.position ?? 0;
    expect(idsOf(await store.readAll(second - 1, 10))).toEqual(idsOf(events.slice(1)));
    expect(idsOf(await take(store.subscribe(second + 1, never()), 1))).toEqual(idsOf(events.slice(2)));
  });
});

describe('a log in EventStoreDB that is not as Lifeboat writes it', () => {
  it.each(['truncated', 'deleted', 'tombstoned'] as const)('is refused where a stream was %s', async (how) => {
    const server = await newServer();
    const store = storeOn(server.url, SHORT_DEADLINES);
    const stream = newStream();
    await store.append(stream, 'none', newEvents(3));
    if (how === 'truncated') server.log.truncate(stream, 2n);
    else if (how === 'deleted') server.log.delete(stream);
    else server.log.tombstone(stream);
    await expect(store.readStream(stream)).rejects.toThrow(EventUnreadable);
    await expect(store.readStream(stream)).rejects.toThrow('is not whole');
    if (how === 'truncated') return;
    expect((await store.append(stream, 'none', newEvents(1))).answer).not.toBe('appended');
  });

  it('is refused beyond 2^53 and in a transaction, and is not taken for something else', async () => {
    const server = await newServer();
    const store = storeOn(server.url, SHORT_DEADLINES);
    server.served.prepareOffset = 1n;
    const stream = newStream();
    await store.append(stream, 'none', newEvents(1));
    await expect(store.readStream(stream)).rejects.toThrow('was written in a transaction');
    server.served.prepareOffset = 0n;
    server.log.moveTo(2n ** 53n);
    const far = newStream();
    await store.append(far, 'none', newEvents(1));
    await expect(store.readStream(far)).rejects.toThrow('9007199254740992, more than 2^53');
    await expect(store.readAll(0, 10)).rejects.toThrow(EventUnreadable);
  });

  it('is refused where another program has written, and only there', async () => {
    const server = await newServer();
    const store = storeOn(server.url, SHORT_DEADLINES);
    server.log.writeJson('orders-1', 'OrderPlaced', { type: 'OrderPlaced' });
    expect(await store.readAll(0, 10)).toEqual([]);
    server.log.writeJson('instance-1', 'InstanceScheduled', { type: 'InstanceScheduled' });
    await expect(store.readAll(0, 10)).rejects.toThrow('another program has written to a stream of Lifeboat');
    const metadata = { $correlationId: 'a', $causationId: 'a', actor: 'a', schemaVersion: 1, recordedAt: 'now' };
    server.log.writeJson('instance-2', 'InstanceScheduled', '{"type":', metadata);
    await expect(store.readStream('instance-2')).rejects.toThrow('holds no JSON');
  });
});
