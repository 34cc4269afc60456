import { refuseStorage } from '../domain/migration/storage-refusal.ts';
import { failed, succeeded, type Outcome } from '../domain/shared/outcome.ts';
import type { HypervisorDriver, MigrationDescription, SourceFacts } from './ports/hypervisor-driver.ts';

/**
 * What has to go from one host to the other, which depends on both: nothing where they have the same directory. Refuses
 * a `block_migration` that does not fit.
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
  const refusal = refuseStorage(description.blockMigration, shared.value, source.host);
  if (refusal !== null) return failed(refusal);
  return shared.value ? succeeded({ ...facts.value, disks: [], files: [], sharedDirectory: true }) : facts;
}
