import {
  refuseMigrationLever,
  type MigrationLever,
  type MigrationLeverRefusal,
} from '../domain/instance/migration-lever-check.ts';
import type { LeverCommand, LeverRefusal } from '../domain/migration/decide-lever.ts';
import type { MigrationStatus } from '../domain/migration/migration-status.ts';
import type { Microversion } from '../domain/service-version/microversion.ts';
import type { InstanceId } from '../domain/shared/ids.ts';
import { MIGRATION_SAGA, migrationSagaStream } from './aggregates.ts';
import { handleCommand } from './handle-command.ts';
import type { Clock } from './ports/clock.ts';
import { StoreUnavailable, type EventStore } from './ports/event-store.ts';
import type { IdSource } from './ports/id-source.ts';
import type { RequestContext } from './request-context.ts';
import type { MigrationRow } from './views/migrations-view.ts';
import type { Views } from './views/views.ts';

export type LiveMigrationRefusal =
  | MigrationLeverRefusal
  | { readonly reason: 'InstanceNotFound' }
  | { readonly reason: 'TooManyConflicts' }
  /** The migration as the client named it. */
  | { readonly reason: 'MigrationToAbortNotFound' | 'MigrationToForceNotFound'; readonly migration: string }
  | {
      readonly reason: 'MigrationNotAbortable' | 'MigrationNotRunning';
      readonly migration: string;
      readonly status: MigrationStatus;
    };

type Answer =
  | { readonly accepted: true; readonly value: null }
  | { readonly accepted: false; readonly refusal: LiveMigrationRefusal };

type Dependencies = {
  readonly eventStore: EventStore;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly views: Views;
};

export type LeverRequest = {
  readonly instanceId: InstanceId;
  /** As it stands in the URL: the integer id of the migration, or anything. */
  readonly migration: string;
  readonly microversion: Microversion;
};

/** An operator's levers on a migration that is under way. Called by the HTTP API; throws StoreUnavailable. */
export class LiveMigrationApi {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Contract: nova.md B.9. What became of it, the migration's status tells. */
  abort(context: RequestContext, request: LeverRequest): Promise<Answer> {
    const { microversion } = request;
    return this.#pull(context, request, 'abort live migration', {
      type: 'RequestAbort',
      microversion,
      ...this.#asked(context),
    });
  }

  /** Contract: nova.md B.10. */
  forceComplete(context: RequestContext, request: LeverRequest): Promise<Answer> {
    return this.#pull(context, request, 'force_complete', { type: 'RequestForceComplete', ...this.#asked(context) });
  }

  async #pull(
    context: RequestContext,
    { instanceId, migration, microversion }: LeverRequest,
    lever: MigrationLever,
    command: LeverCommand,
  ): Promise<Answer> {
    const { views } = this.#dependencies;
    const server = views.servers.find(instanceId);
    if (server?.existence !== 'present') return refused({ reason: 'InstanceNotFound' });
    const refusal = refuseMigrationLever(server, lever, { callerIsAdmin: context.isAdmin, microversion });
    if (refusal !== null) return refused(refusal);
    const row = views.migrations.ofInstance(instanceId).find(({ number }) => String(number) === migration);
    if (row === undefined) {
      const reason = lever === 'force_complete' ? 'MigrationToForceNotFound' : 'MigrationToAbortNotFound';
      return refused({ reason, migration });
    }
    return this.#record(context, row, command);
  }

  async #record(context: RequestContext, row: MigrationRow, command: LeverCommand): Promise<Answer> {
    const { requestId, userId } = context;
    const metadata = { correlationId: requestId, causationId: requestId, actor: userId };
    const stream = migrationSagaStream(row.migrationId);
    const answer = await handleCommand(this.#dependencies, MIGRATION_SAGA, stream, command, metadata);
    if (!answer.accepted) return refused(withNumber(answer.refusal, row));
    if (await this.#dependencies.views.reached(answer.position)) return { accepted: true, value: null };
    throw new StoreUnavailable('The change was recorded, but this process does not see it yet; ask again later.');
  }

  #asked({ requestId, userId, projectId }: RequestContext) {
    return { initiator: { requestId, userId, projectId }, at: this.#dependencies.clock.now() };
  }
}

const refused = (refusal: LiveMigrationRefusal): Answer => ({ accepted: false, refusal });

function withNumber(
  refusal: LeverRefusal | { readonly reason: 'TooManyConflicts' },
  { number }: MigrationRow,
): LiveMigrationRefusal {
  if (refusal.reason === 'MigrationNotAbortable' || refusal.reason === 'MigrationNotRunning') {
    return { ...refusal, migration: String(number) };
  }
  if (refusal.reason === 'TooManyConflicts') return { reason: 'TooManyConflicts' };
  throw new Error(`LiveMigrationApi: ${refusal.reason} of a command that resolves nothing`);
}
