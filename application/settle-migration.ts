import { settlementOf } from '../domain/migration/settlement.ts';
import type { SagaState } from '../domain/migration/saga-state.ts';
import { INSTANCE, instanceStream } from './aggregates.ts';
import { handleCommand, refuseToForget } from './handle-command.ts';
import type { EventMetadata } from './ports/event-store.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';

/**
 * Tells the server that its migration has ended. May be repeated: a server that was told already has forgotten the
 * migration. Does nothing while the saga goes on, or has stopped where nobody can say in which of two places the guest runs.
 */
export async function settleMigration(
  dependencies: SagaDependencies,
  saga: SagaState,
  metadata: EventMetadata,
): Promise<void> {
  if (saga.phase === 'absent') return;
  const { migrationId, instanceId } = saga;
  const settlement = settlementOf(saga);
  if (settlement === null) return;
  const at = dependencies.clock.now();
  const reason = 'reason' in saga ? saga.reason : '';
  const command =
    settlement === 'complete'
      ? ({ type: 'CompleteLiveMigration', migrationId, at } as const)
      : ({ type: 'RollBackLiveMigration', migrationId, reason, at } as const);
  const stream = instanceStream(instanceId);
  refuseToForget(stream, await handleCommand(dependencies, INSTANCE, stream, command, metadata));
}
