import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppendAnswer } from '../../application/ports/event-store.ts';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import { idsOf, newEvent, newEvents, newStream, take } from './event-store.fixture.ts';
import { newServer, SHORT_DEADLINES, storeOn } from './eventstoredb.fixture.ts';

// The traps of the client end the process this way, so none of these tests may leave one behind.
const escaped: unknown[] = [];
const escape = (error: unknown): void => void escaped.push(error);
beforeEach(() => void process.on('unhandledRejection', escape).on('uncaughtException', escape));
afterEach(() => {
  process.off('unhandledRejection', escape).off('uncaughtException', escape);
  expect(escaped.splice(0)).toEqual([]);
});

const appended = (revision: number): AppendAnswer =>
  expect.objectContaining({ answer: 'appended', revision }) as AppendAnswer;

describe('an append whose fate is not known', () => {
  it.each([
    { fault: 'silent', written: false },
    { fault: 'silent', written: true },
    { fault: 'cut', written: false },
    { fault: 'cut', written: true },
  ] as const)('is repeated with the same ids and stands once: %j', async (fault) => {
    const server = await newServer();
    const store = storeOn(server.url, SHORT_DEADLINES);
    const [stream, events] = [newStream(), newEvents(2)];
    server.scriptAppends(fault);
    expect(await store.append(stream, 'none', events)).toEqual(appended(1));
    expect(idsOf(server.log.all(stream))).toEqual(idsOf(events));
    expect(server.appends.length).toBeGreaterThan(1);
  });

  it('is answered unknown when the server never answers, within the deadline of the adapter', async () => {
    const server = await newServer();
    const store = storeOn(server.url, SHORT_DEADLINES);
    const stream = newStream();
    const silent = Array.from({ length: 50 }, () => ({ fault: 'silent', written: false }) as const);
    server.scriptAppends(...silent);
    const answer = await store.append(stream, 'none', newEvents(1));
    expect(answer).toEqual({ answer: 'unknown', reason: expect.stringMatching(/no answer|Deadline/i) });
  });

  it('is its own success although somebody has written after it', async () => {
    const server = await newServer();
    const [store, other] = [storeOn(server.url, SHORT_DEADLINES), storeOn(server.url, SHORT_DEADLINES)];
    const [stream, events] = [newStream(), newEvents(2)];
    await store.append(stream, 'none', events);
    expect(await other.append(stream, 1, newEvents(1))).toEqual(appended(2));
    expect(await store.append(stream, 'none', events)).toEqual(appended(1));
    expect(server.log.all(stream)).toHaveLength(3);
  });

  it('is looked up when the server does not say where it wrote', async () => {
    const server = await newServer();
    const store = storeOn(server.url, SHORT_DEADLINES);
    const stream = newStream();
    server.scriptAppends({ fault: 'withoutPosition' });
    const answer = await store.append(stream, 'none', newEvents(2));
    const position = Number(server.log.all(stream).at(-1)?.position);
    expect(answer).toEqual({ answer: 'appended', revision: 1, position });
  });
});

describe('an append that the server refuses', () => {
  it.each([
    ['denied', 'access denied: check the user'],
    ['tooLarge', 'raise its MaxAppendSize'],
  ] as const)('is answered unavailable at once, with what to do: %s', async (fault, said) => {
    const server = await newServer();
    const store = storeOn(server.url, SHORT_DEADLINES);
    server.scriptAppends({ fault });
    const answer = await store.append(newStream(), 'none', newEvents(1));
    expect(answer).toEqual({ answer: 'unavailable', reason: expect.stringContaining(said) });
    expect(server.appends).toHaveLength(1);
  });

  it('conflicts at a wrong revision, whatever was read before', async () => {
    const server = await newServer();
    const [store, other] = [storeOn(server.url, SHORT_DEADLINES), storeOn(server.url, SHORT_DEADLINES)];
    const stream = newStream();
    await store.append(stream, 'none', newEvents(1));
    expect(await other.append(stream, 'none', newEvents(1))).toEqual({ answer: 'conflict', actual: 0 });
    expect(server.log.all(stream)).toHaveLength(1);
  });

  it('is not written where nobody listens, and certainly so', async () => {
    const server = await newServer();
    const store = storeOn(server.url.replace('//', '//lifeboat:secret@'), SHORT_DEADLINES);
    await server.proxy.close();
    const answer = await store.append(newStream(), 'none', newEvents(1));
    const told = `EventStoreDB: nothing answers at ${server.url.replace('//', '//***@')}: check that it runs`;
    expect(answer).toEqual({ answer: 'unavailable', reason: expect.stringContaining(told) });
    for (const read of [() => store.readStream(newStream()), () => store.readAll(0, 1)]) {
      const refused: unknown = await read().catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StoreUnavailable);
      expect(String(refused)).toContain(told);
    }
  });
});

describe('a cluster', () => {
  it('is written and read through its leader when a follower answers', async () => {
    const leader = await newServer();
    const follower = await newServer({ log: leader.log });
    follower.follow(leader.port);
    const store = storeOn(follower.url, SHORT_DEADLINES);
    const stream = newStream();
    expect(await store.append(stream, 'none', newEvents(1))).toEqual(appended(0));
    expect(await store.readStream(stream)).toHaveLength(1);
    expect([leader.appends, follower.appends]).toEqual([[stream], []]);
  });

  it('is found by the gossip of any of its members', async () => {
    const leader = await newServer();
    const follower = await newServer({ log: leader.log });
    follower.follow(leader.port);
    const url = `esdb://127.0.0.1:${follower.port},127.0.0.1:${follower.port}?tls=false`;
    expect(await storeOn(url, SHORT_DEADLINES).append(newStream(), 'none', newEvents(1))).toEqual(appended(0));
    const discovered = storeOn(`esdb+discover://localhost:${follower.port}?tls=false`, SHORT_DEADLINES);
    expect(await discovered.readAll(0, 10)).toHaveLength(1);
    expect(leader.appends).toHaveLength(1);
  });

  it('that nobody finds is unavailable, and no later failure ends the process', async () => {
    const server = await newServer();
    const url = `esdb://127.0.0.1:${server.port},127.0.0.1:${server.port}?tls=false&maxDiscoverAttempts=2&discoveryInterval=10`;
    const store = storeOn(url, SHORT_DEADLINES);
    await store.append(newStream(), 'none', newEvents(1));
    await server.proxy.close();
    const asked = Array.from({ length: 5 }, () => store.append(newStream(), 'none', newEvents(1)));
    for (const { answer } of await Promise.all(asked)) expect(answer).not.toBe('appended');
    await server.proxy.open();
    expect(await store.append(newStream(), 'none', newEvents(1))).toEqual(appended(0));
  });
});

describe('one client in a process', () => {
  it('is shared by every store on one server, and lives until the last of them is closed', async () => {
    const server = await newServer();
    const [one, two] = [storeOn(server.url, SHORT_DEADLINES), storeOn(server.url, SHORT_DEADLINES)];
    await one.append(newStream(), 'none', newEvents(1));
    await two.append(newStream(), 'none', newEvents(1));
    expect(server.proxy.connections).toBe(1);
    const next = two.subscribe(0, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await next.next()).done).toBe(false);
    await one.close();
    expect((await next.next()).done).toBe(false);
    expect(await two.append(newStream(), 'none', newEvents(1))).toEqual(appended(0));
  });

  it('is not disturbed by the failing connection of another one', async () => {
    const [failing, other] = [await newServer(), await newServer()];
    const [unlucky, lucky] = [storeOn(failing.url, SHORT_DEADLINES), storeOn(other.url, SHORT_DEADLINES)];
    await Promise.all([unlucky, lucky].map((store) => store.append(newStream(), 'none', newEvents(1))));
    failing.scriptAppends({ fault: 'cut', written: false });
    const appends = [unlucky, lucky].map((store) => store.append(newStream(), 'none', newEvents(1)));
    expect(await Promise.all(appends)).toEqual([appended(0), appended(0)]);
    expect(other.appends).toHaveLength(2);
  });
});

describe('a read', () => {
  it.each(['silent', 'cut'] as const)('is repeated after a fault: %s', async (fault) => {
    const server = await newServer();
    const store = storeOn(server.url, { ...SHORT_DEADLINES, totalMs: 5000 });
    const stream = newStream();
    await store.append(stream, 'none', newEvents(2));
    server.scriptReads(fault);
    expect(await store.readStream(stream)).toHaveLength(2);
    server.scriptReads(fault);
    expect(await store.readAll(0, 10)).toHaveLength(2);
  });

  it('that is denied says so at once', async () => {
    const server = await newServer();
    const store = storeOn(server.url, SHORT_DEADLINES);
    for (const read of [() => store.readStream(newStream()), () => store.readAll(0, 1)]) {
      server.scriptReads('denied');
      await expect(read()).rejects.toThrow('access denied: check the user, the password and the access lists');
    }
    server.scriptReads('denied');
    await expect(take(store.subscribe(0, new AbortController().signal), 1)).rejects.toThrow('access denied');
    expect(await store.append(newStream(), 'none', [newEvent()])).toEqual(appended(0));
  });
});
