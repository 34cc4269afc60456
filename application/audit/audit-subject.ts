import type { InstanceState } from '../../domain/instance/instance-state.ts';
import type { SagaState } from '../../domain/migration/saga-state.ts';
import type { ComputeServiceState } from '../../domain/service-version/compute-service-state.ts';
import { hostName, instanceId, migrationId, type MigrationId } from '../../domain/shared/ids.ts';
import {
  COMPUTE_SERVICE,
  computeServiceStream,
  INSTANCE,
  instanceStream,
  MIGRATION_SAGA,
  migrationSagaStream,
} from '../aggregates.ts';
import type { Aggregate } from '../handle-command.ts';
import type { DomainEvent, EventStore, RecordedEvent, StreamName } from '../ports/event-store.ts';
import { isUpTo, type Moment } from './moment.ts';

export type SubjectState =
  | { readonly kind: 'server'; readonly state: InstanceState }
  | { readonly kind: 'migration'; readonly state: SagaState }
  | { readonly kind: 'host'; readonly state: ComputeServiceState };

/** A server, a migration or a compute host, with everything that is recorded of it. */
export type Subject = {
  readonly kind: SubjectState['kind'];
  readonly name: string;
  readonly stream: StreamName;
  /** In order of position. A server's includes that of its migrations; a migration's, what its server says of it. */
  readonly history: readonly RecordedEvent[];
};

type Log = Pick<EventStore, 'readStream'>;

/**
 * `name`: the id of a server or of a migration, or the name of a compute host. Null when the log knows none of that name.
 * Reads the few streams that are about it and nothing else, so the size of the log does not matter.
 */
export async function findSubject(log: Log, name: string): Promise<Subject | null> {
  return (await findServer(log, name)) ?? (await findMigration(log, name)) ?? findHost(log, name);
}

/** What it was at that moment; `absent` before its first event. */
export function stateAt({ kind, stream, history }: Subject, moment: Moment): SubjectState {
  const events = history.filter((event) => event.stream === stream && isUpTo(event, moment));
  switch (kind) {
    case 'server':
      return { kind, state: lastOf(along(INSTANCE, events), INSTANCE.initial) };
    case 'migration':
      return { kind, state: lastOf(along(MIGRATION_SAGA, events), MIGRATION_SAGA.initial) };
    case 'host':
      return { kind, state: lastOf(along(COMPUTE_SERVICE, events), COMPUTE_SERVICE.initial) };
  }
}

/** Every live migration of a server that had been asked for by then, in that order. */
export function migrationsAt({ history }: Subject, moment: Moment): readonly (readonly [MigrationId, SagaState])[] {
  const seen = history.filter((event) => isUpTo(event, moment));
  const asked = seen.flatMap(({ data }) => (data.type === 'LiveMigrationRequested' ? [data.migrationId] : []));
  return asked.map((id) => {
    const own = seen.filter(({ stream }) => stream === migrationSagaStream(id));
    return [id, lastOf(along(MIGRATION_SAGA, own), MIGRATION_SAGA.initial)];
  });
}

/** The state before the first of its own events, and after each of them. */
export function statesAlong(
  kind: Subject['kind'],
  events: readonly RecordedEvent[],
): Iterable<InstanceState | SagaState | ComputeServiceState> {
  switch (kind) {
    case 'server':
      return along(INSTANCE, events);
    case 'migration':
      return along(MIGRATION_SAGA, events);
    case 'host':
      return along(COMPUTE_SERVICE, events);
  }
}

async function findServer(log: Log, name: string): Promise<Subject | null> {
  const stream = instanceStream(instanceId(name));
  const own = await log.readStream(stream);
  if (own.length === 0) return null;
  const migrations = own.flatMap(({ data }) => (data.type === 'LiveMigrationRequested' ? [data.migrationId] : []));
  const sagas = await Promise.all(migrations.map((id) => log.readStream(migrationSagaStream(id))));
  return { kind: 'server', name, stream, history: inOrder([own, ...sagas]) };
}

async function findMigration(log: Log, name: string): Promise<Subject | null> {
  const id = migrationId(name);
  const stream = migrationSagaStream(id);
  const own = await log.readStream(stream);
  if (own.length === 0) return null;
  const [accepted] = own.flatMap(({ data }) => (data.type === 'MigrationAccepted' ? [data] : []));
  const told = accepted === undefined ? [] : await log.readStream(instanceStream(accepted.instanceId));
  const about = told.filter(({ data }) => 'migrationId' in data && data.migrationId === id);
  return { kind: 'migration', name, stream, history: inOrder([own, about]) };
}

async function findHost(log: Log, name: string): Promise<Subject | null> {
  const stream = computeServiceStream(hostName(name));
  const history = await log.readStream(stream);
  return history.length === 0 ? null : { kind: 'host', name, stream, history };
}

const inOrder = (histories: readonly (readonly RecordedEvent[])[]): readonly RecordedEvent[] =>
  histories.flat().toSorted((a, b) => a.position - b.position);

type Folding<State, Event extends DomainEvent> = Pick<
  Aggregate<State, Event, never, never>,
  'initial' | 'evolve' | 'owns'
>;

function* along<State, Event extends DomainEvent>(
  { initial, evolve, owns }: Folding<State, Event>,
  events: readonly RecordedEvent[],
): Generator<State, void, void> {
  let state = initial;
  yield state;
  for (const { data } of events) {
    if (owns(data)) state = evolve(state, data);
    yield state;
  }
}

function lastOf<State>(states: Iterable<State>, initial: State): State {
  let last = initial;
  for (const state of states) last = state;
  return last;
}
