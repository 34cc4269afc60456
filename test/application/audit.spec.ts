import { beforeEach, describe, expect, it } from 'vitest';
import { eventsOf, fleetAt } from '../../application/audit/audit-fleet.ts';
import { findSubject, migrationsAt, stateAt, type Subject } from '../../application/audit/audit-subject.ts';
import { requestTrees, type CausedEvent } from '../../application/audit/event-tree.ts';
import { BEGINNING, NOW, type Moment } from '../../application/audit/moment.ts';
import { changesOf } from '../../application/audit/state-changes.ts';
import type { EventStore, RecordedEvent } from '../../application/ports/event-store.ts';
import { SetClock } from '../contracts/event-store.fixture.ts';
import { DESTINATION, MIGRATION, SERVER, SOURCE } from '../domain/instance-histories.fixture.ts';
import {
  AUDITED_HISTORY,
  eventStoreDb,
  memoryStore,
  OTHER_SERVER,
  record,
  second,
  secondOf,
  sqliteStore,
} from './audited-log.fixture.ts';

const atSecond = (number: number): Moment => ({ kind: 'time', time: second(number) });

describe.each([
  ['memory', memoryStore],
  ['SQLite', sqliteStore],
])('an audit of %s', (_name, open) => {
  let store: EventStore;
  let events: readonly RecordedEvent[];

  beforeEach(async () => {
    const clock = new SetClock();
    store = await open(clock);
    events = await record(store, clock);
    return () => store.close();
  });

  const subject = async (name: string): Promise<Subject> => {
    const found = await findSubject(store, name);
    if (found === null) throw new Error(`no ${name}`);
    return found;
  };
  const positionAt = (number: number): Moment => ({ kind: 'position', position: events[number - 1]?.position ?? -1 });

  it('tells what a server was at any second and at any position, the two alike', async () => {
    const server = await subject(SERVER);
    expect(server.kind).toBe('server');
    const places = AUDITED_HISTORY.map((_, index) => {
      const byTime = stateAt(server, atSecond(index + 1));
      expect(byTime).toEqual(stateAt(server, positionAt(index + 1)));
      return byTime.kind === 'server' && byTime.state.existence === 'present' ? byTime.state.host : byTime.state;
    });
    const created = secondOf('InstanceScheduled');
    const moved = secondOf('DestinationAdopted');
    expect(places.slice(0, created - 2)).toEqual([{ existence: 'absent' }, { existence: 'absent' }]);
    expect(places[created - 2]).toBeNull();
    expect(new Set(places.slice(created - 1, moved - 1))).toEqual(new Set([SOURCE]));
    expect(new Set(places.slice(moved - 1))).toEqual(new Set([DESTINATION]));
    expect(stateAt(server, NOW)).toEqual(stateAt(server, atSecond(AUDITED_HISTORY.length)));
    expect(stateAt(server, { kind: 'time', time: second(0) }).state).toEqual({ existence: 'absent' });
  });

  it('knows the migrations of a server, a migration by itself, and a host', async () => {
    const server = await subject(SERVER);
    expect(migrationsAt(server, atSecond(secondOf('LiveMigrationRequested') - 1))).toEqual([]);
    expect(migrationsAt(server, NOW)).toMatchObject([[MIGRATION, { phase: 'completed' }]]);
    const migration = await subject(MIGRATION);
    expect(stateAt(migration, atSecond(secondOf('MigrationAccepted')))).toMatchObject({
      kind: 'migration',
      state: { phase: 'forward', destination: null },
    });
    expect(migration.history.map(({ data }) => data.type)).toEqual(
      AUDITED_HISTORY.slice(secondOf('LiveMigrationRequested') - 1).map(({ data }) => data.type),
    );
    expect(stateAt(await subject(SOURCE), NOW)).toMatchObject({ kind: 'host', state: { host: SOURCE, up: true } });
    expect(await findSubject(store, 'nobody')).toBeNull();
  });

  it('reads the streams of its subject and no others, so that the length of the log does not matter', async () => {
    const read: string[] = [];
    const readStream: EventStore['readStream'] = (stream) => {
      read.push(stream);
      return store.readStream(stream);
    };
    await findSubject({ readStream }, SERVER);
    expect(read).toEqual([`instance-${SERVER}`, `migrationSaga-${MIGRATION}`]);
  });

  it('rebuilds the whole fleet at a moment', async () => {
    const before = await fleetAt(store, atSecond(secondOf('MigrationAccepted')));
    expect(before.servers.find(SERVER)).toMatchObject({ host: SOURCE, migration: MIGRATION });
    expect([...before.migrations.all()]).toMatchObject([{ status: 'accepted', source: SOURCE }]);
    const after = await fleetAt(store, NOW);
    expect(after.servers.find(SERVER)).toMatchObject({ host: DESTINATION, migration: null });
    expect(after.computeServices.all().map(({ host }) => host)).toEqual([SOURCE, DESTINATION]);
    const early = await fleetAt(store, positionAt(2));
    expect([...early.servers.all()]).toEqual([]);
    expect(early.computeServices.all()).toHaveLength(2);
  });

  it('draws what each request led to, cause before effect', async () => {
    const trees = requestTrees((await subject(SERVER)).history);
    const shape = ({ event, caused }: CausedEvent): unknown =>
      caused.length === 0 ? event.data.type : { [event.data.type]: caused.map(shape) };
    expect(trees.map(({ requestId, events: own }) => [requestId, own.map(shape)]).slice(0, 2)).toEqual([
      ['req-create', [{ InstanceCreateRequested: [{ InstanceScheduled: ['InstanceSpawned'] }] }]],
      ['req-describe', ['InstanceMetadataReplaced']],
    ]);
    const [move] = trees.filter(({ requestId }) => requestId === 'req-move').flatMap((tree) => tree.events);
    expect(move?.caused).toHaveLength(AUDITED_HISTORY.length - secondOf('LiveMigrationRequested'));
    expect(trees.map(({ requestId }) => requestId)).not.toContain('req-other');
  });

  it('tells field by field what a period changed, and by which event', async () => {
    const server = await subject(SERVER);
    const from = atSecond(secondOf('InstanceSpawned'));
    const changes = changesOf(server, { from, to: NOW });
    expect(changes.map(({ field, before, after, event }) => [field, before, after, event.data.type])).toEqual([
      ['metadata["a.b"]', null, 'c', 'InstanceMetadataReplaced'],
      ['host', SOURCE, DESTINATION, 'DestinationAdopted'],
    ]);
    const during = changesOf(server, { from, to: atSecond(secondOf('LiveMigrationRequested')) });
    expect(during.map(({ field, after }) => [field, after])).toEqual([
      ['metadata["a.b"]', 'c'],
      ['migration', MIGRATION],
      ['task.task', 'migrate'],
    ]);
    expect(changesOf(server, { from, to: from })).toEqual([]);
    expect(changesOf(server, { from: BEGINNING, to: NOW }).map(({ field }) => field)).toContain('existence');
  });

  it('reads on from any position, page by page', async () => {
    const read: RecordedEvent[] = [];
    for await (const event of eventsOf(store, events[4]?.position ?? 0)) read.push(event);
    expect(read).toEqual(events.slice(5));
    expect(events[4]?.stream).toBe(`instance-${OTHER_SERVER}`);
  });
});

describe('an audit of EventStoreDB', () => {
  it('says the same as one of SQLite, at every second', async () => {
    const said = async (open: typeof sqliteStore) => {
      const clock = new SetClock();
      const store = await open(clock);
      await record(store, clock);
      const subjects = await Promise.all([SERVER, MIGRATION, SOURCE].map((name) => findSubject(store, name)));
      const found = subjects.filter((subject) => subject !== null);
      const seconds = AUDITED_HISTORY.map((_, index) => atSecond(index + 1));
      const fleet = await fleetAt(store, NOW);
      return {
        states: seconds.map((moment) => found.map((subject) => stateAt(subject, moment))),
        histories: found.map(({ history }) => history.map(({ stream, data }) => [stream, data])),
        servers: [...fleet.servers.all()],
        migrations: [...fleet.migrations.all()],
      };
    };
    expect(await said(eventStoreDb)).toEqual(await said(sqliteStore));
  });
});

describe('a log whose events name each other as their cause', () => {
  it('is drawn nevertheless, each event once', async () => {
    const clock = new SetClock();
    const [first, next] = (await record(await memoryStore(clock), clock)).slice(2);
    if (first === undefined || next === undefined) throw new Error('there are no two events');
    const circle = [
      { ...first, metadata: { ...first.metadata, causationId: next.id } },
      { ...next, metadata: { ...next.metadata, causationId: first.id } },
    ];
    expect(requestTrees(circle)).toEqual([
      { requestId: 'req-create', events: [{ event: circle[0], caused: [{ event: circle[1], caused: [] }] }] },
    ]);
  });
});
