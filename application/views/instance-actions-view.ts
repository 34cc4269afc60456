import { instanceId, migrationId, type InstanceId, type MigrationId, type RequestId } from '../../domain/shared/ids.ts';
import { evolveSaga } from '../../domain/migration/evolve-saga.ts';
import type { SagaEvent } from '../../domain/migration/saga-events.ts';
import { INITIAL_SAGA, type SagaState } from '../../domain/migration/saga-state.ts';
import { isInstanceEvent, isSagaEvent } from '../aggregates.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import type { InstanceAction } from './instance-action.ts';
import { NO_ACTIONS, projectInstanceEvent, type ActionsOfInstance } from './project-instance-event.ts';
import { projectLever } from './project-lever.ts';
import { conductorEvent, projectSagaEvent, projectStop } from './project-saga-event.ts';
import { readSavedActions, savedActions } from './saved-instance-actions.ts';
import { idOfRow } from './saved-rows.ts';
import type { View } from './view.ts';

type MigrationAction = {
  readonly instanceId: InstanceId;
  readonly requestId: RequestId;
  readonly checkedBeforeAnswer: boolean;
  readonly saga: SagaState;
};

type SavedMigration = readonly ['migration', MigrationId, MigrationAction];

/** What an operator and an owner read of everything that was asked of a server, and how it went. */
export class InstanceActionsView implements View {
  /** As they were saved until somebody asks for them: most are not asked for, and nearly all there is to read are they. */
  readonly #instances = new Map<InstanceId, ActionsOfInstance | string>();
  readonly #migrations = new Map<MigrationId, MigrationAction | string>();

  project({ stream, data }: RecordedEvent): void {
    if (isSagaEvent(data)) return this.#projectSaga(migrationId(stream.slice('migrationSaga-'.length)), data);
    if (!isInstanceEvent(data)) return undefined;
    const id = instanceId(stream.slice('instance-'.length));
    const actions = projectInstanceEvent(this.#actionsOf(id) ?? NO_ACTIONS, data);
    if (data.type === 'LiveMigrationRequested') {
      const { checkedBeforeAnswer, initiator } = data;
      const { requestId } = initiator;
      this.#migrations.set(data.migrationId, { instanceId: id, requestId, checkedBeforeAnswer, saga: INITIAL_SAGA });
    }
    this.#instances.set(id, actions);
    return undefined;
  }

  #projectSaga(id: MigrationId, event: SagaEvent): void {
    const migration = this.#migrationOf(id);
    const before = migration === null ? null : this.#actionsOf(migration.instanceId);
    if (migration === null || before === null) {
      throw new Error(`InstanceActionsView: ${event.type} of a migration nobody asked for (${id})`);
    }
    const saga = evolveSaga(migration.saga, event);
    const conductor = conductorEvent(migration.checkedBeforeAnswer);
    let { actions } = before;
    for (const [place, action] of before.actions.entries()) {
      if (action.action !== 'live-migration' || action.requestId !== migration.requestId) continue;
      const projected = projectSagaEvent(action, event, conductor);
      const told = saga.phase === 'needsOperator' ? projectStop(projected, saga, event.at) : projected;
      if (told !== action) actions = actions.with(place, told);
    }
    const after = actions === before.actions ? before : { ...before, actions };
    this.#instances.set(migration.instanceId, projectLever(after, event));
    this.#migrations.set(id, { ...migration, saga });
  }

  /** Oldest first; empty for a server that never was. */
  ofInstance(id: InstanceId): readonly InstanceAction[] {
    return this.#actionsOf(id)?.actions ?? [];
  }

  #actionsOf(id: InstanceId): ActionsOfInstance | null {
    const known = this.#instances.get(id) ?? null;
    if (typeof known !== 'string') return known;
    const read = readSavedActions(known);
    this.#instances.set(id, read);
    return read;
  }

  #migrationOf(id: MigrationId): MigrationAction | null {
    const known = this.#migrations.get(id) ?? null;
    if (typeof known !== 'string') return known;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const [, , read] = JSON.parse(known) as SavedMigration;
    this.#migrations.set(id, read);
    return read;
  }

  save(): Iterable<string> {
    return savedRows([...this.#instances], [...this.#migrations]);
  }

  restore(saved: Iterable<string>): void {
    for (const row of saved) {
      const instance = idOfRow(row, 'actions');
      const migration = instance === null ? idOfRow(row, 'migration') : null;
      if (instance !== null) this.#instances.set(instanceId(instance), row);
      else if (migration !== null) this.#migrations.set(migrationId(migration), row);
      else throw new Error('InstanceActionsView: a saved row is of no kind');
    }
  }
}

function* savedRows(
  instances: readonly (readonly [InstanceId, ActionsOfInstance | string])[],
  migrations: readonly (readonly [MigrationId, MigrationAction | string])[],
): Generator<string> {
  for (const [id, actions] of instances) yield typeof actions === 'string' ? actions : savedActions(id, actions);
  for (const [id, migration] of migrations) {
    yield typeof migration === 'string'
      ? migration
      : JSON.stringify(['migration', id, migration] satisfies SavedMigration);
  }
}
