import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EventStore } from '../../../application/ports/event-store.ts';
import { AUDITED_HISTORY, record, second, secondOf } from '../../application/audited-log.fixture.ts';
import { newEvents, newStream, SetClock } from '../../contracts/event-store.fixture.ts';
import { newServer, storeOn } from '../../contracts/eventstoredb.fixture.ts';
import { newFile, openStore } from '../../contracts/sqlite-file.fixture.ts';
import { DESTINATION, MIGRATION, SERVER, SOURCE } from '../../domain/instance-histories.fixture.ts';
import { runLifeboat, runLifeboatInto } from './run-lifeboat.ts';

const PROGRAMS_TIMEOUT_MS = 120_000;

/** What CloudEvents 1.0 demands of the structured JSON mode, and the names it allows. */
const cloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().min(1),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  dataschema: z.url(),
  sequence: z.string().length(16),
  position: z.string(),
  correlationid: z.string(),
  causationid: z.string(),
  data: z.looseObject({ type: z.string() }),
});

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
const eventsIn = (text: string) => linesOf(text).map((line) => cloudEvent.parse(JSON.parse(line)));

describe('lifeboat audit', { timeout: PROGRAMS_TIMEOUT_MS }, () => {
  let store: EventStore;
  let url: string;

  const recorded = async (): Promise<void> => {
    const path = newFile();
    const clock = new SetClock();
    store = await openStore(path, clock);
    await record(store, clock);
    url = `sqlite:${path}`;
  };
  const audit = (...args: readonly string[]) => runLifeboat('audit', ...args, '--store', url);

  it('shows a server at a time, a migration at a position, a host, and the fleet', async () => {
    await recorded();
    const [then, now, migration, host, fleet] = await Promise.all([
      audit('show', SERVER, '--at', second(secondOf('DestinationAdopted') - 1), '--json'),
      audit('show', SERVER.toUpperCase()),
      audit('show', '1', '--position', String(secondOf('MigrationAccepted')), '--json'),
      audit('show', SOURCE),
      audit('show', '--at', String(secondOf('LiveMigrationRequested'))),
    ]);
    expect(JSON.parse(then.stdout)).toMatchObject({
      server: SERVER,
      state: { host: SOURCE },
      migrations: [{ id: MIGRATION }],
    });
    expect(now.stdout).toMatch(new RegExp(`^host +${DESTINATION}$`, 'm'));
    expect(JSON.parse(migration.stdout)).toMatchObject({
      migration: MIGRATION,
      state: { phase: 'forward', source: expect.any(String) },
    });
    expect(host.stdout).toMatch(/^state +up$/m);
    expect(fleet.stdout).toMatch(new RegExp(`^${SERVER} +${SOURCE} +active +migrating`, 'm'));
  });

  it('draws requests as trees, and tells what changed and by which event', async () => {
    await recorded();
    const [all, history, request, diff] = await Promise.all([
      audit('history', '--from', String(secondOf('InstanceSpawned')), '--json'),
      audit('history', SERVER),
      audit('history', '--request', 'req-other', '--json'),
      audit('diff', SERVER, '--from', String(secondOf('InstanceSpawned')), '--json'),
    ]);
    const plain = history.stdout.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'T');
    expect(plain).toContain(
      'req-create  by owner of project project  T\n└─ 3  T  admin  InstanceCreateRequested  name=server\n' +
        '   └─ 4  T  lifeboat  InstanceScheduled  host=compute-a\n      └─ 6  T  lifeboat  InstanceSpawned\n',
    );
    const requests = z.object({ requests: z.array(z.object({ request: z.string() })) }).parse(JSON.parse(all.stdout));
    expect(requests.requests.map((tree) => tree.request)).toEqual(['req-describe', 'req-move']);
    expect(JSON.parse(request.stdout)).toMatchObject({
      requests: [{ request: 'req-other', user: 'owner', events: [{ position: 5, caused: [] }] }],
    });
    expect(JSON.parse(diff.stdout)).toMatchObject({
      server: SERVER,
      changes: [
        { field: 'metadata["a.b"]', before: null, after: 'c' },
        { field: 'host', after: DESTINATION, event: { actor: 'lifeboat' } },
      ],
    });
  });

  it('exports CloudEvents of a period and of a stream, and ends when nobody reads any more', async () => {
    await recorded();
    const from = String(secondOf('LiveMigrationRequested'));
    const [all, one] = await Promise.all([
      audit('export', '--from', from),
      audit('export', '--stream', `instance-${SERVER}`, '--to', second(secondOf('InstanceSpawned'))),
    ]);
    expect(eventsIn(all.stdout).map(({ data }) => data.type)).toEqual(
      AUDITED_HISTORY.slice(secondOf('LiveMigrationRequested')).map(({ data }) => data.type),
    );
    for (const event of eventsIn(all.stdout)) expect(Object.keys(event).join('')).toMatch(/^[a-z0-9]+$/);
    expect(eventsIn(one.stdout)).toHaveLength(3);
    await store.append(newStream(), 'none', newEvents(1000));
    const cut = await runLifeboatInto('| head -n 1', 'audit', 'export', '--store', url);
    expect({ ...cut, stdout: linesOf(cut.stdout).length }).toEqual({ status: 0, stdout: 1, stderr: '' });
  });

  it('says the same of an EventStoreDB', async () => {
    const server = await newServer();
    const clock = new SetClock();
    const eventStore = storeOn(server.url, undefined, clock);
    const events = await record(eventStore, clock);
    const [shown, exported] = await Promise.all([
      runLifeboat(
        'audit',
        'show',
        SERVER,
        '--at',
        second(secondOf('InstanceSpawned')),
        '--json',
        '--store',
        server.url,
      ),
      runLifeboat('audit', 'export', '--from', String(events[3]?.position), '--store', server.url),
    ]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ server: SERVER, state: { host: SOURCE, vmState: 'active' } });
    expect(eventsIn(exported.stdout).map(({ position }) => position)).toEqual(
      events.slice(4).map(({ position }) => String(position)),
    );
  });

  it('refuses what it cannot answer, in a sentence', async () => {
    await recorded();
    const [nobody, early, moment, missing] = await Promise.all([
      audit('show', 'nobody'),
      audit('show', SERVER, '--at', '2020-01-01'),
      audit('show', '--at', 'yesterday'),
      runLifeboat('audit', 'show', '--store', 'sqlite:/nowhere/lifeboat.db'),
    ]);
    expect(nobody.stderr).toContain('the log knows no server, migration or host nobody;');
    expect(early.stderr).toContain(`the log knows no server ${SERVER} up to that moment`);
    expect(moment.stderr).toContain('expected a position such as 1042 or a time such as 2026-11-23T14:03:00Z');
    expect(missing.stderr).toContain('there is no store /nowhere/lifeboat.db');
    for (const { status } of [nobody, early, moment, missing]) expect(status).toBe(1);
  });
});
