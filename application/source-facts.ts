import { refuseStorage } from '../domain/migration/storage-refusal.ts';
import { failed, succeeded, type Outcome } from '../domain/shared/outcome.ts';
import type { HypervisorDriver, MigrationDescription, SourceFacts } from './ports/hypervisor-driver.ts';

/**
 * What has to go from one host to the other, which depends on both: nothing where they have the same directory, and no
 * disk that lies where both reach it. Refuses a `block_migration` that does not fit.
 */
export async function sourceFacts(
  source: HypervisorDriver,
  destination: HypervisorDriver,
  description: MigrationDescription,
): Promise<Outcome<SourceFacts>> {
  const facts = await source.checkSource(description);
  if (facts.outcome !== 'succeeded') return facts;
  const shared = await source.sharesDirectory(description, destination);
  if (shared.outcome !== 'succeeded') return shared;
  const { disks, pooledDisks } = facts.value;
  const pooled = pooledDisks.length === 0 ? succeeded(true) : await source.sharesDisks(description, destination);
  if (pooled.outcome !== 'succeeded') return pooled;
  const allPooled = pooledDisks.length > 0 && pooled.value && disks.length === 0;
  const refusal = refuseStorage(description.blockMigration, shared.value || allPooled, source.host);
  if (refusal !== null) return failed(refusal);
  if (!pooled.value) {
    const where = `${pooledDisks.join(', ')} of ${source.host}`;
    return failed(`Migration pre-check error: ${destination.host} does not reach the storage of ${where}`);
  }
  return shared.value ? succeeded({ ...facts.value, disks: [], files: [], sharedDirectory: true }) : facts;
}
