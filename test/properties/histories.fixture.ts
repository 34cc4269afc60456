import * as fc from 'fast-check';
import { INSTANCE, instanceStream, migrationSagaStream } from '../../application/aggregates.ts';
import type { DomainEvent, RecordedEvent, StreamName } from '../../application/ports/event-store.ts';
import type { InstanceCommand } from '../../domain/instance/instance-commands.ts';
import type { InstanceState } from '../../domain/instance/instance-state.ts';
import { ACTIONS_MAX } from '../../domain/migration/next-action.ts';
import { instanceId, migrationId, type InstanceId, type MigrationId } from '../../domain/shared/ids.ts';
import { instanceCommand, script, type Script } from '../support/arbitraries.ts';
import { runSaga } from './saga-run.fixture.ts';

export const SERVERS: readonly InstanceId[] = ['a', 'b', 'c'].map((letter) =>
  instanceId(`00000000-0000-4000-8000-00000000000${letter}`),
);

const told = fc.array(fc.record({ server: fc.nat(SERVERS.length - 1), command: instanceCommand, script }), {
  maxLength: 40,
  size: 'large',
});

/** A log of several servers, with the sagas of their migrations between their events. */
export const log: fc.Arbitrary<readonly RecordedEvent[]> = told.map((commands) => {
  const events: RecordedEvent[] = [];
  const states = new Map<InstanceId, InstanceState>();
  for (const { server, command, script: answers } of commands) {
    const id = SERVERS[server] ?? instanceId('none');
    const own = ownCommand(id, command);
    const state = states.get(id) ?? INSTANCE.initial;
    const decision = INSTANCE.decide(state, own);
    if (!decision.accepted) continue;
    states.set(id, decision.events.reduce(INSTANCE.evolve, state));
    for (const event of decision.events) {
      append(events, instanceStream(id), event);
      if (event.type === 'LiveMigrationRequested') appendSaga(events, event.migrationId, answers);
    }
  }
  return events;
});

/** Two servers never share an id, nor a migration. */
function ownCommand(id: InstanceId, command: InstanceCommand): InstanceCommand {
  if (command.type === 'CreateInstance') return { ...command, instanceId: id };
  return 'migrationId' in command ? { ...command, migrationId: ownMigration(id, command.migrationId) } : command;
}

const ownMigration = (server: InstanceId, migration: MigrationId): MigrationId =>
  migrationId(`${server.slice(-1)}${migration.slice(1)}`);

function appendSaga(events: RecordedEvent[], migration: MigrationId, answers: Script): void {
  const stream = migrationSagaStream(migration);
  // A migration id that a later request uses again keeps its first saga.
  if (events.some((event) => event.stream === stream)) return;
  for (const event of runSaga(answers, ACTIONS_MAX).events) append(events, stream, event);
}

function append(events: RecordedEvent[], stream: StreamName, data: DomainEvent): void {
  const position = events.length + 1;
  const metadata = { correlationId: 'request', causationId: 'request', actor: 'owner' };
  const revision = events.filter((event) => event.stream === stream).length;
  events.push({ id: String(position), data, metadata, stream, revision, position, recordedAt: data.at });
}
