import { describe, expect, it } from 'vitest';
import type { LoggedEvent } from '../../support/eventstoredb-log.ts';
import type { EventStoreDbProtocolServer } from '../../support/eventstoredb-protocol-server.ts';
import { EVENTSTOREDB_DEADLINES } from '../../../adapters/event-store/eventstoredb-connection.ts';
import { instant } from '../../../domain/shared/ids.ts';
import { newEvents, newStream, SetClock } from '../../contracts/event-store.fixture.ts';
import { newServer, storeOn } from '../../contracts/eventstoredb.fixture.ts';
import { anchorOf, EVENTS, fillLog, verify } from './tampered-log.fixture.ts';

type Json = Readonly<Record<string, unknown>>;

async function filledServer(): Promise<EventStoreDbProtocolServer> {
  const server = await newServer();
  await fillLog(storeOn(server.url));
  return server;
}

/** As somebody who can write the server's files: the n-th event of Lifeboat becomes what `change` makes of it. */
function rewrite(
  server: EventStoreDbProtocolServer,
  nth: number,
  change: (event: LoggedEvent) => LoggedEvent[],
): LoggedEvent {
  const { events } = server.log;
  const event = events.filter(({ stream }) => !stream.startsWith('$'))[nth - 1];
  if (event === undefined) throw new Error(`there is no event ${nth}`);
  events.splice(events.indexOf(event), 1, ...change(event));
  return event;
}

const jsonIn = (bytes: Uint8Array): Json => JSON.parse(Buffer.from(bytes).toString('utf8'));
const withMetadata = (event: LoggedEvent, more: Json): LoggedEvent => ({
  ...event,
  metadata: Buffer.from(JSON.stringify({ ...jsonIn(event.metadata), ...more })),
});
const withData = (event: LoggedEvent, more: Json): LoggedEvent => ({
  ...event,
  data: Buffer.from(JSON.stringify({ ...jsonIn(event.data), ...more })),
});

describe('a log in EventStoreDB whose files were altered', () => {
  it('is as recorded while nobody has, appended by two processes and in batches', async () => {
    const server = await filledServer();
    const [one, two] = [storeOn(server.url), storeOn(server.url)];
    const stream = newStream();
    await one.append(stream, 'none', newEvents(3));
    await two.append(stream, 2, newEvents(2));
    await one.append(stream, 4, newEvents(1));
    expect(await verify(server.url, [await anchorOf(server.url)])).toMatchObject({
      events: EVENTS + 6,
      unchained: 0,
      anchorsHeld: 1,
      finding: null,
    });
  });

  it('stays as recorded when an append is repeated at another time, by whoever', async () => {
    const server = await newServer();
    const stream = newStream();
    const [first, next] = [newEvents(2), newEvents(1)];
    server.scriptAppends({ fault: 'cut', written: true });
    await storeOn(server.url).append(stream, 'none', first);
    const later = new SetClock();
    later.time = instant('2026-03-01T09:00:00.000Z');
    const other = storeOn(server.url, EVENTSTOREDB_DEADLINES, later);
    expect(await other.append(stream, 'none', first)).toMatchObject({ answer: 'appended' });
    await other.append(stream, 1, next);
    expect(await verify(server.url)).toMatchObject({ events: 3, finding: null });
  });

  it.each([
    ['data', (event: LoggedEvent) => withData(event, { host: 'intruder' })],
    ['actor', (event: LoggedEvent) => withMetadata(event, { actor: 'nobody' })],
    ['recorded time', (event: LoggedEvent) => withMetadata(event, { recordedAt: '2020-01-01T00:00:00.000Z' })],
    ['type', (event: LoggedEvent) => ({ ...event, type: 'InstanceLocked' })],
    ['hash', (event: LoggedEvent) => withMetadata(event, { hash: 'a'.repeat(64) })],
  ])('names the event whose %s was changed', async (_, change) => {
    const server = await filledServer();
    const { position, id } = rewrite(server, 17, (event) => [change(event)]);
    const finding = { kind: 'changed', position: Number(position), event: { id } };
    expect((await verify(server.url)).finding).toMatchObject(finding);
  });

  it('names what is missing, what is reordered, and what no Lifeboat wrote', async () => {
    const [missing, reordered, foreign] = [await filledServer(), await filledServer(), await filledServer()];
    const gone = rewrite(missing, 17, () => []);
    // One stream, and neighbours there.
    const moved = rewrite(reordered, 17, (event) => [event]);
    const other = rewrite(reordered, 18, (event) => [{ ...moved, position: event.position }]);
    rewrite(reordered, 17, ({ position }) => [{ ...other, position }]);
    const stream = foreign.log.events[0]?.stream ?? '';
    foreign.log.writeJson(stream, 'InstanceScheduled', {});
    expect((await verify(missing.url)).finding).toMatchObject({
      kind: 'missing',
      message: expect.stringContaining(`revision ${gone.revision} of ${gone.stream} is gone`),
    });
    expect((await verify(reordered.url)).finding).toMatchObject({ kind: 'reordered' });
    expect((await verify(foreign.url)).finding).toMatchObject({ kind: 'unreadable' });
  });

  it('is found out by an anchor when whole streams or the end are gone', async () => {
    const [streams, end] = [await filledServer(), await filledServer()];
    const [ofStreams, ofEnd] = [await anchorOf(streams.url), await anchorOf(end.url)];
    const { stream } = rewrite(streams, 1, () => []);
    streams.log.events.splice(0, Number.MAX_SAFE_INTEGER, ...streams.log.events.filter((one) => one.stream !== stream));
    rewrite(end, EVENTS, () => []);
    expect((await verify(streams.url)).finding).toBeNull();
    expect((await verify(streams.url, [ofStreams])).finding).toMatchObject({ kind: 'truncated' });
    expect((await verify(end.url, [ofEnd])).finding).toMatchObject({ kind: 'truncated' });
  });

  it('counts what is older than the chain, and covers it by the next event of its stream', async () => {
    const server = await filledServer();
    for (let nth = 1; nth <= EVENTS; nth += 1)
      rewrite(server, nth, (event) => [withMetadata(event, { hash: undefined })]);
    const stream = server.log.events[0]?.stream ?? '';
    const store = storeOn(server.url);
    await store.append(stream as ReturnType<typeof newStream>, 9, newEvents(1));
    expect(await verify(server.url)).toMatchObject({ unchained: EVENTS, finding: null });
    rewrite(server, 1, (event) => [withMetadata(event, { actor: 'nobody' })]);
    expect((await verify(server.url)).finding).toMatchObject({ kind: 'changed' });
  });
});
