import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { losePower } from '../../../adapters/simulated/simulated-faults.ts';
import { HOST_A, HOST_B } from '../../support/saga-world.ts';
import { rescuedServer } from '../../application/rescued-server.fixture.ts';
import { newFile, openStore } from '../../contracts/sqlite-file.fixture.ts';

const LIFEBOAT = new URL('../../../adapters/cli/lifeboat.ts', import.meta.url).pathname;
const PROGRAM_TIMEOUT_MS = 180_000;

function lifeboat(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LIFEBOAT, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** The log of a migration whose destination is gone from the middle of the transfer on, as a file. */
async function stoppedMigration(): Promise<string> {
  const server = await rescuedServer();
  server.world.faults.next(HOST_A, 'migrateGuest:performing', losePower(HOST_B));
  await server.migrate();
  const path = newFile();
  const store = await openStore(path);
  for (const { stream, revision, id, data, metadata } of await server.world.history()) {
    const answer = await store.append(stream, revision === 0 ? 'none' : revision - 1, [{ id, data, metadata }]);
    expect(answer.answer).toBe('appended');
  }
  return `sqlite:${path}`;
}

describe('lifeboat migrations', () => {
  it(
    'shows what waits for an operator, takes the answer once, and says when nobody has heard it',
    { timeout: PROGRAM_TIMEOUT_MS },
    async () => {
      const store = await stoppedMigration();
      const shown = lifeboat('migrations', '--store', store);
      expect(shown.stdout).toContain('migrateGuest (stopped)');
      expect(shown.stdout).toContain('lifeboat migration resolve 1 retry|rollback|adopt-destination');
      const json: unknown = JSON.parse(lifeboat('migrations', '--stopped', '--json', '--store', store).stdout);
      expect(json).toMatchObject({
        id: 1,
        source: HOST_A,
        destination: HOST_B,
        status: 'error',
        needs_operator: true,
        stopped_at: 'migrateGuest',
        possible: ['retry', 'rollback', 'adopt-destination'],
      });
      const resolved = lifeboat('migration', 'resolve', '1', 'rollback', '--store', store);
      expect(resolved).toMatchObject({ status: 0 });
      expect(resolved.stdout).toContain('Recorded: rollback for migration 1');
      expect(resolved.stdout).toContain('Nobody has taken it up yet');
      const again = lifeboat('migration', 'resolve', '1', 'rollback', '--store', store);
      expect(again).toMatchObject({ status: 1 });
      expect(again.stderr).toContain('only one that has stopped for an operator can be resolved');
      expect(lifeboat('migrations', '--stopped', '--store', store).stdout).toContain('none waits for an operator');
    },
  );

  it('refuses what it does not know, and says what there is', { timeout: PROGRAM_TIMEOUT_MS }, async () => {
    const store = await stoppedMigration();
    const missing = lifeboat('migration', 'resolve', '7', 'retry', '--store', store);
    expect(missing).toMatchObject({ status: 1 });
    expect(missing.stderr).toContain('there is no migration 7');
    const wrong = lifeboat('migration', 'resolve', '1', 'destroy', '--store', store);
    expect(wrong.status).not.toBe(0);
    expect(wrong.stderr).toContain('Allowed choices are retry, rollback, adopt-destination');
  });
});
