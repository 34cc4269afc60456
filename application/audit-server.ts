import { evolveInstance } from '../domain/instance/evolve-instance.ts';
import { INITIAL_INSTANCE, type InstanceState } from '../domain/instance/instance-state.ts';
import { evolveSaga } from '../domain/migration/evolve-saga.ts';
import { INITIAL_SAGA, type SagaState } from '../domain/migration/saga-state.ts';
import type { InstanceId, MigrationId } from '../domain/shared/ids.ts';
import { instanceStream, isInstanceEvent, isSagaEvent, migrationSagaStream } from './aggregates.ts';
import type { EventStore, RecordedEvent } from './ports/event-store.ts';

/** The moment to replay to: the last event recorded at or before it counts. */
export type Moment =
  | { readonly kind: 'now' }
  | { readonly kind: 'position'; readonly position: number }
  /** ISO 8601 in UTC. */
  | { readonly kind: 'time'; readonly time: string };

export type ServerAudit = {
  readonly state: InstanceState;
  readonly migrations: ReadonlyMap<MigrationId, SagaState>;
  /** Of the server and of its migrations, in the order in which they were recorded. */
  readonly history: readonly RecordedEvent[];
};

/** What a server was, and what had happened to it, at any moment: the log replayed to there and nothing else. */
export async function auditServer(
  eventStore: Pick<EventStore, 'readStream'>,
  instanceId: InstanceId,
  moment: Moment,
): Promise<ServerAudit> {
  const own = await eventStore.readStream(instanceStream(instanceId));
  const migrations = own.flatMap(({ data }) => (data.type === 'LiveMigrationRequested' ? [data.migrationId] : []));
  const sagas = await Promise.all(migrations.map((id) => eventStore.readStream(migrationSagaStream(id))));
  const history = [...own, ...sagas.flat()]
    .filter((event) => isUpTo(event, moment))
    .toSorted((a, b) => a.position - b.position);
  let state: InstanceState = INITIAL_INSTANCE;
  const states = new Map<MigrationId, SagaState>();
  for (const { stream, data } of history) {
    if (isInstanceEvent(data)) {
      state = evolveInstance(state, data);
      if (data.type === 'LiveMigrationRequested') states.set(data.migrationId, INITIAL_SAGA);
    } else if (isSagaEvent(data)) {
      const id = migrations.find((migration) => migrationSagaStream(migration) === stream);
      if (id !== undefined) states.set(id, evolveSaga(states.get(id) ?? INITIAL_SAGA, data));
    }
  }
  return { state, migrations: states, history };
}

function isUpTo({ position, recordedAt }: RecordedEvent, moment: Moment): boolean {
  switch (moment.kind) {
    case 'now':
      return true;
    case 'position':
      return position <= moment.position;
    case 'time':
      return Date.parse(recordedAt) <= Date.parse(moment.time);
  }
}
