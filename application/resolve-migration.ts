import type { LeverRefusal } from '../domain/migration/decide-lever.ts';
import type { Resolution } from '../domain/migration/saga-events.ts';
import type { SagaState } from '../domain/migration/saga-state.ts';
import { projectId, requestId, userId, type MigrationId } from '../domain/shared/ids.ts';
import { MIGRATION_SAGA, migrationSagaStream } from './aggregates.ts';
import { handleCommand, loadAggregate, type CommandDependencies } from './handle-command.ts';
import type { Clock } from './ports/clock.ts';

export type ResolveMigration = {
  readonly migrationId: MigrationId;
  readonly resolution: Resolution;
  /** Whom the log names: the login name of who sits at the keyboard. */
  readonly operator: string;
};

export type ResolveAnswer =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly refusal: LeverRefusal | { readonly reason: 'TooManyConflicts' } };

/**
 * Records what an operator has decided about a migration that stopped. The process that runs the compute services takes
 * it up from the log; it looks at both hosts again before it changes anything. Called by the command line.
 */
export async function resolveMigration(
  dependencies: CommandDependencies & { readonly clock: Clock },
  { migrationId, resolution, operator }: ResolveMigration,
): Promise<ResolveAnswer> {
  const request = `req-${dependencies.ids.uuid()}`;
  const initiator = { requestId: requestId(request), userId: userId(operator), projectId: projectId('lifeboat') };
  const command = { type: 'ResolveMigration', resolution, initiator, at: dependencies.clock.now() } as const;
  const metadata = { correlationId: request, causationId: request, actor: operator };
  const stream = migrationSagaStream(migrationId);
  const answer = await handleCommand(dependencies, MIGRATION_SAGA, stream, command, metadata);
  return answer.accepted ? { accepted: true } : answer;
}

/** How the migration stands now, by the log alone. */
export async function migrationState(
  { eventStore }: Pick<CommandDependencies, 'eventStore'>,
  migrationId: MigrationId,
): Promise<SagaState> {
  return (await loadAggregate(eventStore, MIGRATION_SAGA, migrationSagaStream(migrationId))).state;
}
