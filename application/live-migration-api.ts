import { refuseMigrationLever, type MigrationLever } from '../domain/instance/migration-lever-check.ts';
import type { LeverCommand, LeverRefusal } from '../domain/migration/decide-lever.ts';
import type { Microversion } from '../domain/service-version/microversion.ts';
import type { InstanceId } from '../domain/shared/ids.ts';
import { MIGRATION_SAGA, migrationSagaStream } from './aggregates.ts';
import type { CommandGateway } from './command-gateway.ts';
import type { LiveMigrationRefusal } from './live-migration-refusal.ts';
import type { RequestContext } from './request-context.ts';
import type { MigrationRow } from './views/migrations-view.ts';
import type { Views } from './views/views.ts';

type Answer =
  | { readonly accepted: true; readonly value: null }
  | { readonly accepted: false; readonly refusal: LiveMigrationRefusal };

export type LeverRequest = {
  readonly instanceId: InstanceId;
  /** As it stands in the URL: the integer id of the migration, or anything. */
  readonly migration: string;
  readonly microversion: Microversion;
};

/** An operator's levers on a migration that is under way. Called by the HTTP API; throws StoreUnavailable. */
export class LiveMigrationApi {
  readonly #gateway: CommandGateway;
  readonly #views: Views;

  constructor(gateway: CommandGateway, views: Views) {
    this.#gateway = gateway;
    this.#views = views;
  }

  /** Contract: nova.md B.9. What became of it, the migration's status tells. */
  abort(context: RequestContext, request: LeverRequest): Promise<Answer> {
    const { microversion } = request;
    const { initiator, at } = this.#gateway.asked(context);
    return this.#pull(context, request, 'abort live migration', { type: 'RequestAbort', microversion, initiator, at });
  }

  /** Contract: nova.md B.10. */
  forceComplete(context: RequestContext, request: LeverRequest): Promise<Answer> {
    const { initiator, at } = this.#gateway.asked(context);
    return this.#pull(context, request, 'force_complete', { type: 'RequestForceComplete', initiator, at });
  }

  async #pull(
    context: RequestContext,
    { instanceId, migration, microversion }: LeverRequest,
    lever: MigrationLever,
    command: LeverCommand,
  ): Promise<Answer> {
    const server = this.#views.servers.find(instanceId);
    if (server?.existence !== 'present') return refused({ reason: 'InstanceNotFound' });
    const refusal = refuseMigrationLever(server, lever, { callerIsAdmin: context.isAdmin, microversion });
    if (refusal !== null) return refused(refusal);
    const row = this.#views.migrations.ofInstance(instanceId).find(({ number }) => String(number) === migration);
    if (row === undefined) {
      const reason = lever === 'force_complete' ? 'MigrationToForceNotFound' : 'MigrationToAbortNotFound';
      return refused({ reason, migration });
    }
    const answer = await this.#gateway.tell(context, MIGRATION_SAGA, migrationSagaStream(row.migrationId), command);
    return answer.accepted ? answer : refused(withNumber(answer.refusal, row));
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
