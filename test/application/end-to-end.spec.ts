import { describe, expect, it } from 'vitest';
import { failAfter, failBefore, unknownAfter, unknownBefore } from '../../adapters/simulated/simulated-faults.ts';
import type { Fault, SimulatedOperation } from '../../adapters/simulated/simulated-faults.ts';
import type { StepName } from '../../domain/migration/saga-steps.ts';
import { HOST_A, HOST_B } from '../support/saga-world.ts';
import { expectWholeOn, migrationOf, rescuedServer } from './rescued-server.fixture.ts';

describe('a rescued server', () => {
  it('is live migrated with its guest running on, and unrescued on the other host', async () => {
    const server = await rescuedServer();
    expect(await server.migrate()).toEqual({ accepted: true, value: null });
    expect(migrationOf(server.process, server.instanceId)).toMatchObject({
      status: 'completed',
      source: HOST_A,
      destination: HOST_B,
      reason: null,
    });
    await expectWholeOn(server, HOST_B);
    expect(server.process.errors).toEqual([]);
  });

  it('goes there and back, and is whole', async () => {
    const server = await rescuedServer();
    await server.migrate(HOST_B);
    await server.migrate(HOST_A);
    const statuses = server.process.views.migrations.ofInstance(server.instanceId).map(({ status }) => status);
    expect(statuses).toEqual(['completed', 'completed']);
    await expectWholeOn(server, HOST_A);
  });
});

type Row = readonly [operation: SimulatedOperation, host: typeof HOST_A, step: StepName];
const BEFORE_THE_PIVOT: readonly Row[] = [
  ['checkSource', HOST_A, 'selectDestination'],
  ['checkDestination', HOST_B, 'selectDestination'],
  ['prepareDestination', HOST_B, 'prepareDestination'],
  ['write', HOST_B, 'stageArtifacts'],
  ['migrateGuest', HOST_A, 'migrateGuest'],
  ['migrateGuest:begun', HOST_A, 'migrateGuest'],
  ['migrateGuest:prepared', HOST_A, 'migrateGuest'],
  ['migrateGuest:performing', HOST_A, 'migrateGuest'],
  ['migrateGuest:finished', HOST_A, 'migrateGuest'],
];

describe.each([
  ['nothing done', failBefore('scripted')],
  ['half of it done', failAfter('scripted')],
] satisfies [string, Fault][])('a migration that fails before the pivot with %s', (name, fault) => {
  const past: readonly SimulatedOperation[] = ['migrateGuest', 'migrateGuest:finished'];
  const rows = BEFORE_THE_PIVOT.filter(([operation]) => name === 'nothing done' || !past.includes(operation));
  it.each(rows)('by %s on %s fails at %3$s and leaves everything where it was', async (operation, host, step) => {
    const server = await rescuedServer();
    server.world.faults.next(host, operation, fault);
    await server.migrate();
    expect(server.world.faults.unmet()).toBe(0);
    const { saga, status } = migrationOf(server.process, server.instanceId);
    expect(saga).toMatchObject({ phase: 'rolledBack', failedStep: step });
    expect(status).toBe(step === 'selectDestination' ? 'error' : 'failed');
    await expectWholeOn(server, HOST_A);
  });
});

const FROM_THE_PIVOT: readonly Row[] = [
  ['confirmSource', HOST_A, 'confirmSource'],
  ['adoptAtDestination', HOST_B, 'adoptAtDestination'],
  ['clearSource', HOST_A, 'clearSource'],
];

describe('a migration whose guest has moved', () => {
  const faults: readonly [string, Fault][] = [
    ['fails', failBefore('scripted')],
    ['fails after its effect', failAfter('scripted')],
    ['is lost', unknownBefore()],
    ['is done and not answered', unknownAfter()],
  ];
  const rows = FROM_THE_PIVOT.flatMap(([operation, host]) =>
    faults.map(([name, fault]) => [operation, host, name, fault] as const),
  );
  it.each(rows)('goes on when %s on %s %s', async (operation, host, _name, fault) => {
    const server = await rescuedServer();
    server.world.faults.next(host, operation, fault);
    await server.migrate();
    expect(server.world.faults.unmet()).toBe(0);
    expect(migrationOf(server.process, server.instanceId).status).toBe('completed');
    await expectWholeOn(server, HOST_B);
  });

  it.each(FROM_THE_PIVOT)('stops for an operator when %s on %s never succeeds', async (operation, host, step) => {
    const server = await rescuedServer();
    for (let attempt = 0; attempt < 20; attempt += 1) server.world.faults.next(host, operation, failBefore('scripted'));
    await server.migrate();
    const { saga, status } = migrationOf(server.process, server.instanceId);
    expect(saga).toMatchObject({ phase: 'needsOperator', stoppedAt: step });
    expect(status).toBe('error');
    expect(server.world.cloud.runningCopies(server.instanceId)).toEqual([HOST_B]);
    expect(server.world.cloud.mostRunningCopies(server.instanceId)).toBe(1);
    const { task, host: told } = server.process.views.servers.find(server.instanceId) ?? {};
    expect({ task, told }).toEqual(
      step === 'clearSource' ? { task: null, told: HOST_B } : { task: { task: 'migrate' }, told: HOST_A },
    );
  });
});

describe('a reply that is lost', () => {
  const lost: readonly (readonly [SimulatedOperation, typeof HOST_A, typeof HOST_A])[] = [
    ['prepareDestination', HOST_B, HOST_A],
    ['write', HOST_B, HOST_A],
    ['migrateGuest', HOST_A, HOST_B],
    ['migrateGuest:begun', HOST_A, HOST_A],
    ['migrateGuest:finished', HOST_A, HOST_B],
  ];
  it.each(lost)('to %s on %s is asked about, and the guest is found on %s', async (operation, host, found) => {
    const server = await rescuedServer();
    server.world.faults.next(host, operation, unknownAfter());
    await server.migrate();
    expect(server.world.faults.unmet()).toBe(0);
    await expectWholeOn(server, found);
  });
});
