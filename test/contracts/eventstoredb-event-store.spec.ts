import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENTSTOREDB_DEADLINES } from '../../adapters/event-store/eventstoredb-connection.ts';
import { EventStoreDbProtocolServer } from '../support/eventstoredb-protocol-server.ts';
import { eventStoreContract } from './event-store.contract.ts';
import { newEvents, newStream } from './event-store.fixture.ts';
import { newServer, storeFromNowOn, storeOn } from './eventstoredb.fixture.ts';

const URL_VARIABLE = 'LIFEBOAT_TEST_ESDB_URL';
const realUrl = process.env[URL_VARIABLE] ?? '';
if (realUrl === '') {
  console.log(
    `test/contracts/eventstoredb-event-store.spec.ts skips a real server: set ${URL_VARIABLE} to the URL of one`,
  );
}

describe('EventStoreDbEventStore on the protocol server', () => {
  eventStoreContract(async (clock) => storeOn((await newServer()).url, EVENTSTOREDB_DEADLINES, clock));
});

describe('EventStoreDbEventStore on a server that others write to', () => {
  let server: EventStoreDbProtocolServer;
  beforeAll(async () => {
    server = await EventStoreDbProtocolServer.start();
  });
  afterAll(() => server.stop());

  eventStoreContract((clock) => storeFromNowOn(server.url, clock));
});

describe.skipIf(realUrl === '')(`EventStoreDbEventStore on the server of ${URL_VARIABLE}`, () => {
  eventStoreContract((clock) => storeFromNowOn(realUrl, clock));
});

describe('what EventStoreDbEventStore writes', () => {
  it('follows the conventions of the server: JSON, and $correlationId and $causationId in the metadata', async () => {
    const server = await newServer();
    const store = storeOn(server.url);
    const stream = newStream();
    await store.append(stream, 'none', newEvents(1));
    const [event] = server.log.all(stream);
    expect(event).toMatchObject({ type: 'InstanceScheduled', contentType: 'application/json' });
    expect(JSON.parse(Buffer.from(event?.metadata ?? []).toString('utf8'))).toEqual({
      $correlationId: 'req-1',
      $causationId: 'req-1',
      actor: 'a3f1c2d4',
      schemaVersion: 1,
      recordedAt: '2026-03-01T08:30:00.000Z',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.parse(Buffer.from(event?.data ?? []).toString('utf8'))).toMatchObject({ host: 'compute-0' });
  });
});
