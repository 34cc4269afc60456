import { describe, expect, it } from 'vitest';
import { failBefore, unknownBefore, type Fault } from '../../adapters/simulated/simulated-faults.ts';
import type { InstanceAction } from '../../application/views/instance-action.ts';
import { InstanceActionsView } from '../../application/views/instance-actions-view.ts';
import type { MigrationStatus } from '../../domain/migration/migration-status.ts';
import { instanceId as toInstanceId } from '../../domain/shared/ids.ts';
import { HOST_A, HOST_B, HOST_C, IMAGES, LIVE_MIGRATE } from '../support/saga-world.ts';
import {
  callsOfOneMigration,
  migrateBy,
  migrationOf,
  rescuedServer,
  type RescuedServer,
} from './rescued-server.fixture.ts';

type Shown = readonly [event: string, host: string | null, result: string | null, details: string | null];

type Ended = { readonly message: 'Error' | null; readonly status: MigrationStatus };

function actionOf({ process, instanceId }: RescuedServer, name: string): InstanceAction {
  const [found, ...more] = process.views.instanceActions.ofInstance(instanceId).filter(({ action }) => action === name);
  if (found === undefined || more.length > 0) throw new Error(`expected one action ${name}`);
  return found;
}

const shown = ({ events }: InstanceAction): readonly Shown[] =>
  events.map(({ event, host, result, details }) => [event, host, result, details]);

const ok = (event: string, host: string | null): Shown => [event, host, 'Success', null];
const CONDUCTOR = 'conductor_live_migrate_instance';
const CHECK_DESTINATION = 'compute_check_can_live_migrate_destination';
const CHECK_SOURCE = 'compute_check_can_live_migrate_source';
const LIVE_MIGRATION = 'compute_live_migration';
const PRE = 'compute_pre_live_migration';
const POST = 'compute_post_live_migration_at_destination';
const ROLLBACK = 'compute_rollback_live_migration_at_destination';
const SELECTED = [
  ok(CONDUCTOR, null),
  ok(CHECK_DESTINATION, HOST_B),
  ok(CHECK_SOURCE, HOST_A),
  ok(LIVE_MIGRATION, HOST_A),
];

describe('the instance action of a live migration', () => {
  it('that goes well shows every event on its host, each once', async () => {
    const server = await rescuedServer();
    await server.migrate();
    const action = actionOf(server, 'live-migration');
    expect(shown(action)).toEqual([...SELECTED, ok(PRE, HOST_B), ok(POST, HOST_B)]);
    expect(action).toMatchObject({ message: null, userId: 'admin', projectId: 'project' });
    const { initiator } = migrationOf(server.process, server.instanceId);
    expect(action.requestId).toBe(initiator.requestId);
    for (const { finishTime } of action.events) expect(finishTime).not.toBeNull();
    const starts = action.events.map(({ startTime }) => startTime);
    expect(starts).toEqual(starts.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  const failures: readonly (readonly [string, (server: RescuedServer) => void, readonly Shown[], Ended])[] = [
    [
      'whose destination cannot be prepared',
      fault(HOST_B, 'prepareDestination', failBefore('no room')),
      [...SELECTED, [PRE, HOST_B, 'Error', 'no room'], ok(ROLLBACK, HOST_B)],
      { message: 'Error', status: 'failed' },
    ],
    [
      'whose destination does not say whether it is prepared',
      fault(HOST_B, 'prepareDestination', unknownBefore()),
      [...SELECTED, [PRE, HOST_B, 'Error', 'internal error: client socket is closed'], ok(ROLLBACK, HOST_B)],
      { message: 'Error', status: 'failed' },
    ],
    [
      'whose files cannot be copied',
      ({ world }) => world.images.setOutage('refused'),
      [
        ...SELECTED,
        [PRE, HOST_B, 'Error', `kernel.rescue: the image service failed for ${IMAGES.rescueKernel}: refused`],
        ok(ROLLBACK, HOST_B),
      ],
      { message: 'Error', status: 'failed' },
    ],
    [
      'whose transfer fails, which has no event of its own',
      fault(HOST_A, 'migrateGuest:performing', failBefore('job failed')),
      [...SELECTED, ok(PRE, HOST_B), ok(ROLLBACK, HOST_B)],
      { message: null, status: 'failed' },
    ],
    [
      'whose last files cannot be copied while the guest is being started',
      ({ world }) => world.images.script(IMAGES.stockKernel, { fault: 'failed', reason: 'refused' }),
      [
        ...SELECTED,
        [
          PRE,
          HOST_B,
          'Error',
          `stopped at phase performing: kernel: the image service failed for ${IMAGES.stockKernel}: refused`,
        ],
        ok(ROLLBACK, HOST_B),
      ],
      { message: 'Error', status: 'failed' },
    ],
    [
      'that needs two attempts at the destination',
      fault(HOST_B, 'adoptAtDestination', failBefore('busy')),
      [...SELECTED, ok(PRE, HOST_B), [POST, HOST_B, 'Error', 'busy'], ok(POST, HOST_B)],
      { message: 'Error', status: 'completed' },
    ],
  ];
  it.each(failures)('%s', async (_name, breakIt, events, ended) => {
    const server = await rescuedServer();
    breakIt(server);
    await server.migrate();
    const action = actionOf(server, 'live-migration');
    expect(shown(action)).toEqual(events);
    const { status } = migrationOf(server.process, server.instanceId);
    expect({ message: action.message, status }).toEqual(ended);
  });

  it('for which no host was found shows the answers of each, and why', async () => {
    const server = await rescuedServer();
    server.world.faults.next(HOST_B, 'checkDestination', failBefore('too small'));
    await server.migrate();
    expect(shown(actionOf(server, 'live-migration'))).toEqual([
      [CONDUCTOR, null, 'Error', 'No valid host was found. There are not enough hosts available.'],
      [CHECK_DESTINATION, HOST_B, 'Error', 'too small'],
      ok(CHECK_SOURCE, HOST_A),
    ]);
  });

  it('that found its host only at the second attempt keeps the first refusal, and succeeds', async () => {
    const server = await rescuedServer([HOST_A, HOST_B, HOST_C]);
    server.world.faults.next(HOST_B, 'checkDestination', failBefore('too small'));
    await server.migrate();
    const action = actionOf(server, 'live-migration');
    expect(action.message).toBe('Error');
    expect(shown(action).slice(0, 6)).toEqual([
      ok(CONDUCTOR, null),
      [CHECK_DESTINATION, HOST_B, 'Error', 'too small'],
      ok(CHECK_SOURCE, HOST_A),
      ok(CHECK_DESTINATION, HOST_C),
      ok(CHECK_SOURCE, HOST_A),
      ok(LIVE_MIGRATION, HOST_A),
    ]);
    expect(migrationOf(server.process, server.instanceId).status).toBe('completed');
  });

  it('whose process died while it prepared shows each event once', async () => {
    const server = await rescuedServer();
    const call = (await callsOfOneMigration()).indexOf('prepareDestination') + 1;
    await migrateBy(server, await server.handOver({ call, side: 'after' }));
    const heir = await server.world.startProcess();
    await server.world.settled();
    const after = { ...server, process: heir };
    expect(shown(actionOf(after, 'live-migration'))).toEqual([...SELECTED, ok(PRE, HOST_B), ok(POST, HOST_B)]);
  });
});

describe('the instance actions of a server', () => {
  it('are those that were asked of it, in order, each with the event of its host', async () => {
    const server = await rescuedServer();
    const { world, process, instanceId } = server;
    await server.migrate();
    await process.computeApi.unrescue(world.request(), instanceId);
    await world.settled();
    await process.computeApi.lock(world.request(), instanceId, null);
    await process.computeApi.unlock(world.request(), instanceId);
    await process.computeApi.runPowerAction(world.request(), instanceId, 'stop', null);
    await world.settled();
    await process.computeApi.resetState(world.request(), instanceId, 'error');
    await process.computeApi.deleteServer(world.request(), instanceId);
    await world.settled();
    const actions = process.views.instanceActions
      .ofInstance(instanceId)
      .map((action) => [action.action, ...shown(action)]);
    expect(actions.filter(([name]) => name !== 'live-migration')).toEqual([
      ['create', ok('conductor_schedule_and_build_instances', null), ok('compute__do_build_and_run_instance', HOST_A)],
      ['rescue', ok('compute_rescue_instance', HOST_A)],
      ['unrescue', ok('compute_unrescue_instance', HOST_B)],
      ['lock'],
      ['unlock'],
      ['stop', ok('compute_stop_instance', HOST_B)],
      ['resetState'],
      ['delete', ok('compute_terminate_instance', HOST_B)],
    ]);
    expect(new Set(process.views.instanceActions.ofInstance(instanceId).map(({ requestId }) => requestId)).size).toBe(
      9,
    );
  });

  it('do not show what was refused', async () => {
    const server = await rescuedServer();
    const { world, process, instanceId } = server;
    const before = process.views.instanceActions.ofInstance(instanceId);
    const old = { ...LIVE_MIGRATE, microversion: { major: 2, minor: 104 } };
    expect(await process.computeApi.liveMigrate(world.request(), instanceId, old)).toMatchObject({ accepted: false });
    expect(process.views.instanceActions.ofInstance(instanceId)).toEqual(before);
    expect(process.views.migrations.ofInstance(instanceId)).toEqual([]);
  });
});

function fault(host: typeof HOST_A, operation: Parameters<RescuedServer['world']['faults']['next']>[1], what: Fault) {
  return ({ world }: RescuedServer) => world.faults.next(host, operation, what);
}

it('a start reads of what was saved only what somebody asks for', () => {
  const view = new InstanceActionsView();
  const rows = ['["actions","a",null]', '["actions","b", not JSON', '["migration","c", not JSON'];
  view.restore(rows);
  expect(view.ofInstance(toInstanceId('a'))).toEqual([]);
  expect(() => view.ofInstance(toInstanceId('b'))).toThrow(SyntaxError);
  expect([...view.save()]).toEqual(rows);
  expect(() => view.restore(['["other","d",{}]'])).toThrow('of no kind');
});
