import { instanceId, migrationId, type InstanceId, type MigrationId, type RequestId } from '../../domain/shared/ids.ts';
import type { SagaEvent } from '../../domain/migration/saga-events.ts';
import { isInstanceEvent, isSagaEvent } from '../aggregates.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import type { InstanceAction } from './instance-action.ts';
import { NO_ACTIONS, projectInstanceEvent, type ActionsOfInstance } from './project-instance-event.ts';
import type { MigrationsView } from './migrations-view.ts';
import { projectLever } from './project-lever.ts';
import { conductorEvent, projectSagaEvent, projectStop } from './project-saga-event.ts';

type MigrationAction = { readonly instanceId: InstanceId; readonly requestId: RequestId };

/** What an operator and an owner read of everything that was asked of a server, and how it went. */
export class InstanceActionsView {
  readonly #instances = new Map<InstanceId, ActionsOfInstance>();
  readonly #migrations = new Map<MigrationId, MigrationAction>();

  /** `migrations` has seen the event already: it knows which phase it led to. */
  project({ stream, data }: RecordedEvent, migrations: Pick<MigrationsView, 'find'>): void {
    if (isSagaEvent(data))
      return this.#projectSaga(migrationId(stream.slice('migrationSaga-'.length)), data, migrations);
    if (!isInstanceEvent(data)) return undefined;
    const id = instanceId(stream.slice('instance-'.length));
    if (data.type === 'LiveMigrationRequested') {
      this.#migrations.set(data.migrationId, { instanceId: id, requestId: data.initiator.requestId });
    }
    this.#instances.set(id, projectInstanceEvent(this.#instances.get(id) ?? NO_ACTIONS, data));
    return undefined;
  }

  #projectSaga(id: MigrationId, event: SagaEvent, migrations: Pick<MigrationsView, 'find'>): void {
    const migration = this.#migrations.get(id);
    const before = migration === undefined ? undefined : this.#instances.get(migration.instanceId);
    if (migration === undefined || before === undefined) {
      throw new Error(`InstanceActionsView: ${event.type} of a migration nobody asked for (${id})`);
    }
    const row = migrations.find(id);
    const saga = row?.saga;
    const conductor = conductorEvent(row?.checkedBeforeAnswer === true);
    const actions = before.actions.map((action) => {
      if (action.action !== 'live-migration' || action.requestId !== migration.requestId) return action;
      const projected = projectSagaEvent(action, event, conductor);
      return saga?.phase === 'needsOperator' ? projectStop(projected, saga, event.at) : projected;
    });
    this.#instances.set(migration.instanceId, projectLever({ ...before, actions }, event));
  }

  /** Oldest first; empty for a server that never was. */
  ofInstance(id: InstanceId): readonly InstanceAction[] {
    return this.#instances.get(id)?.actions ?? [];
  }
}
