import { describe, expect, it } from 'vitest';
import { followActions, fromTheBeginning, InstanceActionView } from './instance-action-view.ts';
import { ADMIN, record } from '../application/audited-log.fixture.ts';
import { SetClock } from '../contracts/event-store.fixture.ts';
import { newFile, openStore } from '../contracts/sqlite-file.fixture.ts';
import { waitUntil } from '../lab/wait-until.ts';

const DEADLINE_MS = 10_000;

describe('the worked example of a consumer', () => {
  it('shows what was asked before it started and what is asked and done while it runs', async () => {
    const path = newFile();
    const clock = new SetClock();
    const store = await openStore(path, clock);
    const view = new InstanceActionView();
    const stop = new AbortController();
    const following = followActions(`sqlite:${path}`, view, fromTheBeginning, stop.signal);
    await record(store, clock);
    const finished = async () => ([...view.actions.values()].some((action) => action.finished !== null) ? true : null);
    expect(await waitUntil(finished, { deadlineMs: DEADLINE_MS })).toBe(true);
    stop.abort();
    await following;
    expect([...view.actions.values()]).toEqual([
      { request: 'req-move', user: ADMIN, asked: 'LiveMigrationRequested', finished: '2026-03-01T08:30:00.000Z' },
    ]);
  });
});
