import { randomUUID } from 'node:crypto';
import { EVENTSTOREDB_DEADLINES } from '../../adapters/event-store/eventstoredb-connection.ts';
import { MemoryEventStore } from '../../adapters/event-store/memory-event-store.ts';
import { computeServiceStream, instanceStream, migrationSagaStream } from '../../application/aggregates.ts';
import type { DomainEvent, EventStore, RecordedEvent, StreamName } from '../../application/ports/event-store.ts';
import { computeServiceId, instanceId, instant, serviceVersion, type HostName } from '../../domain/shared/ids.ts';
import { MIGRATION_HISTORY } from '../bench/migration-history.ts';
import type { SetClock } from '../contracts/event-store.fixture.ts';
import { newServer, storeOn } from '../contracts/eventstoredb.fixture.ts';
import { newFile, openStore } from '../contracts/sqlite-file.fixture.ts';
import {
  AT,
  BOOT_IMAGES,
  CREATE_REQUESTED,
  DESTINATION,
  FLAVOR,
  INITIATOR,
  MIGRATION,
  MIGRATION_REQUESTED,
  SERVER,
  SOURCE,
} from '../domain/instance-histories.fixture.ts';

export const OTHER_SERVER = instanceId('2c9d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5');
export const ADMIN = 'admin';

export const memoryStore = async (clock: SetClock): Promise<EventStore> => new MemoryEventStore(clock);
export const sqliteStore = (clock: SetClock): Promise<EventStore> => openStore(newFile(), clock);
export const eventStoreDb = async (clock: SetClock): Promise<EventStore> =>
  storeOn((await newServer()).url, EVENTSTOREDB_DEADLINES, clock);

/** Second 1 is that of the first event, and each event has a second of its own. */
export const second = (number: number): string => new Date(Date.parse(AT) + number * 1000).toISOString();

type Line = {
  readonly stream: StreamName;
  readonly data: DomainEvent;
  readonly request: string;
  /** Null: the request itself. */
  readonly cause: DomainEvent['type'] | null;
};

const registered = (host: HostName): Line => ({
  stream: computeServiceStream(host),
  data: {
    type: 'ComputeServiceRegistered',
    serviceId: computeServiceId(`service-${host}`),
    host,
    version: serviceVersion(74),
    at: AT,
  },
  request: `req-of-${host}`,
  cause: null,
});

const stream = instanceStream(SERVER);
const asked = (data: DomainEvent, request: string): Line => ({ stream, data, request, cause: null });
const followed = (data: DomainEvent, request: string, cause: DomainEvent['type']): Line => ({
  stream,
  data,
  request,
  cause,
});

/** Two hosts, a server that is created, renamed and live migrated, and another one. */
export const AUDITED_HISTORY: readonly Line[] = [
  registered(SOURCE),
  registered(DESTINATION),
  asked(CREATE_REQUESTED, 'req-create'),
  followed({ type: 'InstanceScheduled', host: SOURCE, at: AT }, 'req-create', 'InstanceCreateRequested'),
  {
    stream: instanceStream(OTHER_SERVER),
    data: {
      type: 'InstanceCreateRequested',
      instanceId: OTHER_SERVER,
      name: 'other',
      initiator: INITIATOR,
      images: BOOT_IMAGES,
      flavor: FLAVOR,
      requestedHost: null,
      metadata: {},
      at: AT,
    },
    request: 'req-other',
    cause: null,
  },
  followed({ type: 'InstanceSpawned', at: AT }, 'req-create', 'InstanceScheduled'),
  asked({ type: 'InstanceMetadataReplaced', metadata: { 'a.b': 'c' }, initiator: INITIATOR, at: AT }, 'req-describe'),
  asked(MIGRATION_REQUESTED, 'req-move'),
  ...MIGRATION_HISTORY.map((data): Line => ({
    stream: migrationSagaStream(MIGRATION),
    data,
    request: 'req-move',
    cause: 'LiveMigrationRequested',
  })),
  followed(
    { type: 'DestinationAdopted', migrationId: MIGRATION, host: DESTINATION, at: AT },
    'req-move',
    'LiveMigrationRequested',
  ),
  followed({ type: 'LiveMigrationCompleted', migrationId: MIGRATION, at: AT }, 'req-move', 'LiveMigrationRequested'),
];

/** Appends it, one event a second; what an administrator has asked for is his, the rest follows by itself. */
export async function record(store: EventStore, clock: SetClock): Promise<readonly RecordedEvent[]> {
  const ids = new Map<string, string>();
  const revisions = new Map<StreamName, number>();
  for (const [index, { stream: name, data, request, cause }] of AUDITED_HISTORY.entries()) {
    clock.time = instant(second(index + 1));
    const causationId = cause === null ? request : (ids.get(`${request} ${cause}`) ?? request);
    const metadata = { correlationId: request, causationId, actor: cause === null ? ADMIN : 'lifeboat' };
    const id = randomUUID();
    ids.set(`${request} ${data.type}`, id);
    const revision = revisions.get(name) ?? 0;
    const answer = await store.append(name, revision === 0 ? 'none' : revision - 1, [{ id, data, metadata }]);
    if (answer.answer !== 'appended') throw new Error(JSON.stringify(answer));
    revisions.set(name, revision + 1);
  }
  return store.readAll(0, 1000);
}

/** The second in which the last event of a type was recorded. */
export const secondOf = (type: DomainEvent['type']): number =>
  AUDITED_HISTORY.findLastIndex(({ data }) => data.type === type) + 1;
