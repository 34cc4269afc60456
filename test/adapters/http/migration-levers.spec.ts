import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATION_SAGA, migrationSagaStream } from '../../../application/aggregates.ts';
import { handleCommand } from '../../../application/handle-command.ts';
import { RandomIdSource } from '../../../adapters/system/random-id-source.ts';
import type { SagaCommand } from '../../../domain/migration/decide-saga.ts';
import { hostName, instant, type InstanceId } from '../../../domain/shared/ids.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';

let world: ComputeApiWorld;
beforeEach(() => {
  world = new ComputeApiWorld();
});
afterEach(() => world.close());

const at = instant(new Date().toISOString());
type Status = 'accepted' | 'queued' | 'preparing' | 'running';

/** A server whose migration has come so far, as if a runner had reported it. */
async function migratingServer(status: Status): Promise<InstanceId> {
  const id = await world.serverIn('migrating');
  const [row] = world.views.migrations.ofInstance(id);
  if (row === undefined) throw new Error('no migration');
  const { migrationId, instanceId, source, requestedHost, blockMigration, initiator } = row;
  const facts = { migrationId, instanceId, source, requestedHost, blockMigration, initiator, rescued: false };
  const begin = (
    step: 'selectDestination' | 'prepareDestination' | 'stageArtifacts' | 'migrateGuest',
  ): SagaCommand => ({
    type: 'StartStep',
    step,
    attempt: 1,
    runner: 'test',
    at,
  });
  const selected = { step: 'selectDestination', destination: hostName('target'), checks: [] } as const;
  const all: readonly (readonly [Status, readonly SagaCommand[]])[] = [
    ['accepted', [{ type: 'AcceptMigration', ...facts, at }, begin('selectDestination')]],
    ['queued', [{ type: 'RecordStepSuccess', result: selected, at }]],
    ['preparing', [begin('prepareDestination')]],
    [
      'running',
      [
        { type: 'RecordStepSuccess', result: { step: 'prepareDestination', transfers: [] }, at },
        begin('stageArtifacts'),
        { type: 'RecordStepSuccess', result: { step: 'stageArtifacts', artifacts: [], stagingMs: 1 }, at },
        begin('migrateGuest'),
      ],
    ],
  ];
  const metadata = { correlationId: 'req-test', causationId: 'req-test', actor: 'test' };
  const dependencies = { eventStore: world.eventStore, ids: new RandomIdSource() };
  let position = 0;
  for (const [reached, commands] of all) {
    for (const command of commands) {
      const answer = await handleCommand(
        dependencies,
        MIGRATION_SAGA,
        migrationSagaStream(migrationId),
        command,
        metadata,
      );
      if (answer.accepted) position = answer.position;
    }
    if (reached === status) break;
  }
  await world.views.reached(position);
  expect(world.views.migrations.find(migrationId)?.status).toBe(status);
  return id;
}

type Asked = { readonly microversion?: string; readonly roles?: string; readonly migration?: string };

const abort = (id: string, { microversion = '2.105', roles = 'admin', migration = '1' }: Asked = {}) =>
  world.call('DELETE', `/v2.1/servers/${id}/migrations/${migration}`, { microversion, roles });
const force = (
  id: string,
  { microversion = '2.105', roles = 'admin', migration = '1' }: Asked = {},
  body: unknown = FORCE,
) => world.call('POST', `/v2.1/servers/${id}/migrations/${migration}/action`, { microversion, roles, body });
const FORCE = { force_complete: null };

async function answers(call: ReturnType<typeof abort>): Promise<readonly [number, string | null]> {
  const response = await call;
  if (response.body === '') return [response.statusCode, null];
  const [fault] = Object.values<{ readonly message: string }>(response.json());
  return [response.statusCode, fault?.message ?? null];
}

describe('DELETE /servers/{id}/migrations/{migration_id}', () => {
  it.each([
    ['running', '2.24', 202],
    ['running', '2.105', 202],
    ['queued', '2.65', 202],
    ['preparing', '2.65', 202],
    ['queued', '2.64', 400],
    ['preparing', '2.24', 400],
    ['accepted', '2.105', 400],
    ['running', '2.23', 404],
  ] as const)('%s at %s: %s', async (status, microversion, code) => {
    const id = await migratingServer(status);
    const before = await world.events();
    const [answered, message] = await answers(abort(id, { microversion }));
    expect(answered).toBe(code);
    expect(await world.events()).toBe(before + (code === 202 ? 1 : 0));
    if (code === 400) {
      expect(message).toBe(
        `Migration 1 state of instance ${id} is ${status}. Cannot abort live migration while the migration is in this state.`,
      );
    }
  });

  it('looks at the server before the migration, and at the lock before the state', async () => {
    const idle = await world.serverIn('active');
    expect(await answers(abort(idle, { migration: '99' }))).toEqual([
      409,
      `Instance ${idle} is in an invalid state for 'abort live migration'`,
    ]);
    const rebooting = await world.serverIn('rebooting');
    expect(await answers(abort(rebooting))).toEqual([
      409,
      `Cannot 'abort live migration' instance ${rebooting} while it is in task_state rebooting`,
    ]);
    const id = await migratingServer('running');
    await world.action(id, { lock: null }, '2.105');
    expect(await answers(abort(id, { roles: 'manager' }))).toEqual([
      409,
      `Instance ${id} is in an invalid state for 'abort live migration'`,
    ]);
    expect(await answers(abort(id, { migration: 'abc' }))).toEqual([404, `Migration abc not found for instance ${id}`]);
    expect(await answers(abort(id, { roles: 'member' }))).toEqual([
      403,
      "Policy doesn't allow os_compute_api:servers:migrations:delete to be performed.",
    ]);
    expect(await answers(abort(id))).toEqual([202, null]);
    // As in Nova, asking again is no mistake while it is under way.
    expect(await answers(abort(id))).toEqual([202, null]);
  });
});

describe('POST /servers/{id}/migrations/{migration_id}/action', () => {
  it.each([
    ['running', '2.22', 202],
    ['queued', '2.105', 400],
    ['preparing', '2.105', 400],
    ['running', '2.21', 404],
  ] as const)('%s at %s: %s', async (status, microversion, code) => {
    const id = await migratingServer(status);
    const [answered, message] = await answers(force(id, { microversion }));
    expect(answered).toBe(code);
    if (code === 400) {
      expect(message).toBe(
        `Migration 1 state of instance ${id} is ${status}. Cannot force complete while the migration is in this state.`,
      );
    }
  });

  it('refuses an unknown migration with 400, another body, and what is not migrating', async () => {
    const id = await migratingServer('running');
    expect(await answers(force(id, { migration: '9' }))).toEqual([400, `Migration 9 not found for instance ${id}`]);
    expect(await answers(force(id, {}, { fast: null }))).toEqual([400, 'There is no such action: fast']);
    expect((await answers(force(id, {}, { force_complete: {} })))[0]).toBe(400);
    const idle = await world.serverIn('active');
    expect(await answers(force(idle))).toEqual([409, `Instance ${idle} is in an invalid state for 'force_complete'`]);
    const paused = await world.serverIn('paused');
    expect(await answers(force(paused))).toEqual([
      409,
      `Cannot 'force_complete' instance ${paused} while it is in vm_state paused`,
    ]);
  });
});
