import type { HostName } from '../domain/shared/ids.ts';
import { MIGRATION_SAGA, migrationSagaStream } from './aggregates.ts';
import { handleCommand } from './handle-command.ts';
import type { EventMetadata } from './ports/event-store.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';

/**
 * Takes up every migration that had stopped for an operator and that concerns this host, now that it can be reached
 * again: what was in doubt can be asked. Retrying looks at both hosts before it changes anything.
 */
export async function retryStoppedMigrations(
  dependencies: SagaDependencies,
  host: HostName,
  metadata: EventMetadata,
): Promise<void> {
  // Whoever serves the host has noticed; everybody else hears of it too.
  if (!dependencies.hosts.serves(host)) return;
  const stopped = [...dependencies.views.migrations.all()].filter(
    ({ saga, source, destination }) => saga.phase === 'needsOperator' && (source === host || destination === host),
  );
  for (const { migrationId } of stopped) {
    const command = {
      type: 'ResolveMigration',
      resolution: 'retry',
      initiator: null,
      at: dependencies.clock.now(),
    } as const;
    // A refusal: somebody else has resolved it in the meantime.
    await handleCommand(dependencies, MIGRATION_SAGA, migrationSagaStream(migrationId), command, metadata);
  }
}
