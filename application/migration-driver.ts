import type { SagaDependencies } from './saga-step-dependencies.ts';
import type { MigrationRow } from './views/migrations-view.ts';

/**
 * Whether this process may take a migration up: the one that serves its source does; when that one, or whoever has claimed
 * it, is gone for good, any other that reaches the source. Who of several is first, the claim in the log decides.
 */
export async function mayDrive(
  { hosts, lease }: Pick<SagaDependencies, 'hosts' | 'lease'>,
  { source, saga }: Pick<MigrationRow, 'source' | 'saga'>,
): Promise<boolean> {
  if (hosts.driver(source) === null) return false;
  const driver = saga.phase === 'absent' ? null : saga.claim.runner;
  if (driver !== null) return driver === lease.runner || lease.isGone(driver);
  return hosts.serves(source) || lease.isAbandoned(source);
}
