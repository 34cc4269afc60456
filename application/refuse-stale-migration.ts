import type { PresentInstance } from '../domain/instance/instance-state.ts';
import type { SagaFacts } from '../domain/migration/saga-state.ts';
import type { HostName } from '../domain/shared/ids.ts';

/**
 * Why nothing of the server may be removed from that host by this migration; null when it may. A migration that had
 * stopped and is taken up again may find that the server has moved on since, and lives where it would clear.
 */
export function refuseStaleMigration(saga: SagaFacts, instance: PresentInstance, host: HostName): string | null {
  if (instance.migration === saga.migrationId) return null;
  if (instance.migration !== null)
    return `Another migration of the server is under way; nothing is removed on ${host}.`;
  return instance.host === host ? `The server lives on ${host}; nothing is removed there.` : null;
}
