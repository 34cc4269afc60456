import { expect, it } from 'vitest';
import { UnfinishedWork } from '../../application/unfinished-work.ts';
import { Views } from '../../application/views/views.ts';
import { rescuedServer } from './rescued-server.fixture.ts';

it('takes up a migration from the request until the server has been told of its end, wherever its process was gone', async () => {
  const { world, process, instanceId, migrate } = await rescuedServer();
  const before = (await world.history()).length;
  await migrate();
  process.stop();
  const history = await world.history();
  const takenUp: string[] = [];
  const views = new Views();
  const work = new UnfinishedWork({
    ...process.dependencies,
    views,
    claims: { claim: async () => undefined, publish: async () => undefined },
    runner: { takeUp: ({ wake, instanceId: server }) => void takenUp.push(`${wake} of ${server}`) },
    intervalMs: 1,
  });
  const told = [];
  for (const [index, event] of history.entries()) {
    views.project(event);
    if (index < before) continue;
    takenUp.length = 0;
    await work.takeUp();
    told.push([event.data.type, [...takenUp]]);
  }
  const migration = `migration of ${instanceId}`;
  const requested = told.findIndex(([type]) => type === 'LiveMigrationRequested');
  const completed = told.findIndex(([type]) => type === 'LiveMigrationCompleted');
  expect(told.slice(requested, completed).map(([, taken]) => taken)).toEqual(
    Array.from({ length: completed - requested }, () => [migration]),
  );
  expect(told.length).toBe(completed + 1);
  expect(told.at(-1)).toEqual(['LiveMigrationCompleted', []]);
});
