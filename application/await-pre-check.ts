import { powerStateIn } from '../domain/migration/power-state-refusal.ts';
import type { MigrationId } from '../domain/shared/ids.ts';
import type { Views } from './views/views.ts';

/** Nova's `rpc_response_timeout`: how long a caller below 2.34 waits for the choice of a destination. */
export const PRE_CHECK_TIMEOUT_MS = 60_000;

export type PreCheckRefusal =
  | { readonly reason: 'PreCheckFailed'; readonly detail: string }
  | { readonly reason: 'InvalidPowerState'; readonly action: 'os-migrateLive'; readonly powerState: string };

/**
 * Waits until a destination was found, or was not and the server is free again (nova.md B.3). Null: found, or nobody
 * can say yet after `timeoutMs`; the migration was accepted and goes on, so it is not refused. Called by ComputeApi.
 */
export async function awaitPreCheck(
  views: Views,
  migration: MigrationId,
  timeoutMs: number,
): Promise<PreCheckRefusal | null> {
  const failed = () => views.migrations.find(migration)?.status === 'error';
  const settled = () => {
    const row = views.migrations.find(migration);
    return row !== null && row.status !== 'accepted' && !(failed() && isOccupied(views, migration));
  };
  await views.until(settled, timeoutMs);
  if (!failed()) return null;
  const detail = views.migrations.find(migration)?.reason ?? '';
  const powerState = powerStateIn(detail);
  return powerState === null
    ? { reason: 'PreCheckFailed', detail }
    : { reason: 'InvalidPowerState', action: 'os-migrateLive', powerState };
}

function isOccupied(views: Views, migration: MigrationId): boolean {
  const row = views.migrations.find(migration);
  return row !== null && views.servers.find(row.instanceId)?.migration === migration;
}
