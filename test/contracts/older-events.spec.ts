import { describe, expect, it } from 'vitest';
import { findSubject, stateAt } from '../../application/audit/audit-subject.ts';
import { NOW } from '../../application/audit/moment.ts';
import { instanceStream } from '../../application/aggregates.ts';
import { Views } from '../../application/views/views.ts';
import {
  AT,
  CREATE_REQUESTED,
  INITIATOR,
  MIGRATION,
  MIGRATION_REQUESTED,
  SERVER,
  SOURCE,
} from '../domain/instance-histories.fixture.ts';
import { appendFirstMigrationRequest } from '../support/other-lifeboat.ts';
import { newEvent } from './event-store.fixture.ts';
import { newServer, storeOn } from './eventstoredb.fixture.ts';
import { newFile, openStore } from './sqlite-file.fixture.ts';

/** As it was written before `bypassesScheduler` and `checkedBeforeAnswer` were known. */
const FIRST_REQUEST = {
  migrationId: MIGRATION,
  source: SOURCE,
  requestedHost: null,
  blockMigration: 'auto',
  initiator: INITIATOR,
  at: AT,
};

describe.each([
  ['SQLite', async () => openStore(newFile())],
  ['EventStoreDB', async () => storeOn((await newServer()).url)],
])('a log on %s that began with an older Lifeboat', (_name, open) => {
  it('is read by everybody as if the event had always been as it is today', async () => {
    const store = await open();
    const stream = instanceStream(SERVER);
    await store.append(stream, 'none', [{ ...newEvent(), data: CREATE_REQUESTED }]);
    await appendFirstMigrationRequest(store, FIRST_REQUEST, 0);
    expect((await store.readStream(stream)).at(-1)?.data).toEqual(MIGRATION_REQUESTED);
    const views = new Views();
    await views.rebuild(store);
    expect(views.migrations.find(MIGRATION)).toMatchObject({ bypassesScheduler: false, checkedBeforeAnswer: false });
    const server = await findSubject(store, SERVER);
    expect(server === null ? null : stateAt(server, NOW).state).toMatchObject({ migration: MIGRATION });
  });

  it('goes on with events of today', async () => {
    const store = await open();
    const stream = instanceStream(SERVER);
    await store.append(stream, 'none', [{ ...newEvent(), data: CREATE_REQUESTED }]);
    await appendFirstMigrationRequest(store, FIRST_REQUEST, 0);
    const answer = await store.append(stream, 1, [
      { ...newEvent(), data: { type: 'LiveMigrationRolledBack', migrationId: MIGRATION, reason: 'no host', at: AT } },
    ]);
    expect(answer).toMatchObject({ answer: 'appended', revision: 2 });
    expect((await store.readAll(0, 10)).map(({ revision }) => revision)).toEqual([0, 1, 2]);
  });
});
