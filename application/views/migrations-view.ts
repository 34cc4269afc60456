import type { BlockMigration, InstanceEvent } from '../../domain/instance/instance-events.ts';
import { evolveSaga } from '../../domain/migration/evolve-saga.ts';
import { statusOf, type MigrationStatus } from '../../domain/migration/migration-status.ts';
import type { SagaEvent, TransferFigures } from '../../domain/migration/saga-events.ts';
import { INITIAL_SAGA, type SagaState } from '../../domain/migration/saga-state.ts';
import { sentenceOf } from '../../domain/scheduling/choose-host.ts';
import { instanceId as toInstanceId, migrationId as toMigrationId } from '../../domain/shared/ids.ts';
import type { HostName, Instant, InstanceId, MigrationId } from '../../domain/shared/ids.ts';
import type { Initiator } from '../../domain/shared/initiator.ts';
import { isInstanceEvent, isSagaEvent } from '../aggregates.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { ColdMigrations, type SavedColdMigration } from './cold-migrations.ts';
import { rowsOf, textsOf } from './saved-rows.ts';
import type { View } from './view.ts';

export type MigrationRow = {
  /** The integer id of the API: the order of the requests in the log. */
  readonly number: number;
  readonly migrationId: MigrationId;
  readonly instanceId: InstanceId;
  readonly source: HostName;
  readonly requestedHost: HostName | null;
  readonly destination: HostName | null;
  readonly blockMigration: BlockMigration;
  readonly bypassesScheduler: boolean;
  readonly checkedBeforeAnswer: boolean;
  readonly status: MigrationStatus;
  /** Why it did not complete; for admins only. */
  readonly reason: string | null;
  readonly figures: TransferFigures | null;
  readonly stagingMs: number | null;
  readonly initiator: Initiator;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly saga: SagaState;
};

type Saved = readonly ['live', MigrationRow] | SavedColdMigration;

/** One row for each live migration ever asked for. */
export class MigrationsView implements View {
  /** Resizes and cold migrations; their numbers are of the same order. */
  readonly cold = new ColdMigrations();
  readonly #rows = new Map<MigrationId, MigrationRow>();
  readonly #byInstance = new Map<InstanceId, MigrationId[]>();

  project({ id, stream, data }: RecordedEvent): void {
    if (data.type === 'LiveMigrationRequested') this.#add(stream, data);
    else if (isSagaEvent(data)) this.#advance(stream, data);
    else if (isInstanceEvent(data)) {
      this.cold.project(instanceOf(stream), data, { eventId: id, number: this.#nextNumber() });
    }
  }

  #nextNumber(): number {
    return this.#rows.size + this.cold.size + 1;
  }

  #add(stream: string, event: Extract<InstanceEvent, { type: 'LiveMigrationRequested' }>): void {
    const instanceId = instanceOf(stream);
    this.#put({
      number: this.#nextNumber(),
      migrationId: event.migrationId,
      instanceId,
      source: event.source,
      requestedHost: event.requestedHost,
      destination: null,
      blockMigration: event.blockMigration,
      bypassesScheduler: event.bypassesScheduler,
      checkedBeforeAnswer: event.checkedBeforeAnswer,
      status: 'accepted',
      reason: null,
      figures: null,
      stagingMs: null,
      initiator: event.initiator,
      createdAt: event.at,
      updatedAt: event.at,
      saga: INITIAL_SAGA,
    });
  }

  /** A new row, behind those of its server. */
  #put(row: MigrationRow): void {
    this.#rows.set(row.migrationId, row);
    this.#byInstance.set(row.instanceId, [...(this.#byInstance.get(row.instanceId) ?? []), row.migrationId]);
  }

  #advance(stream: string, event: SagaEvent): void {
    const row = this.#rows.get(migrationOf(stream));
    if (row === undefined) throw new Error(`MigrationsView: ${event.type} of a migration nobody asked for (${stream})`);
    const saga = evolveSaga(row.saga, event);
    const result = event.type === 'StepSucceeded' ? event.result : null;
    this.#rows.set(row.migrationId, {
      ...row,
      saga,
      status: statusOf(saga),
      destination: saga.phase === 'absent' ? null : saga.destination,
      reason: reasonOf(saga),
      figures: result?.step === 'migrateGuest' ? result.figures : row.figures,
      stagingMs: result?.step === 'stageArtifacts' ? result.stagingMs : row.stagingMs,
      updatedAt: event.at,
    });
  }

  find(migrationId: MigrationId): MigrationRow | null {
    return this.#rows.get(migrationId) ?? null;
  }

  /** In order of request, oldest first. */
  all(): IterableIterator<MigrationRow> {
    return this.#rows.values();
  }

  ofInstance(instanceId: InstanceId): readonly MigrationRow[] {
    return (this.#byInstance.get(instanceId) ?? []).flatMap((id) => this.#rows.get(id) ?? []);
  }

  save(): Iterable<string> {
    const live = [...this.#rows.values()].map((row): Saved => ['live', row]);
    return textsOf([...live, ...this.cold.save()]);
  }

  restore(saved: Iterable<string>): void {
    for (const one of rowsOf<Saved>(saved)) {
      if (one[0] === 'live') this.#put(one[1]);
      else this.cold.restore(one);
    }
  }
}

function reasonOf(saga: SagaState): string | null {
  return saga.phase === 'unwinding' || saga.phase === 'rolledBack' || saga.phase === 'needsOperator'
    ? sentenceOf(saga.reason)
    : null;
}

// The stream's name is the only place where the ids of a row's aggregate stand for every event.
const instanceOf = (stream: string): InstanceId => toInstanceId(stream.slice('instance-'.length));
const migrationOf = (stream: string): MigrationId => toMigrationId(stream.slice('migrationSaga-'.length));
