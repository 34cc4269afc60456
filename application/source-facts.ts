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

/**
 * The facts of one migration while this process drives it. They are asked when the destination is made ready, which
 * may be long after it was chosen, and hold for the steps that follow: asking takes as long as a small step. Whoever
 * takes the migration up later asks anew.
 */
export class DrivenFacts {
  #facts: SourceFacts | null = null;

  async ask(...question: Parameters<typeof sourceFacts>): Promise<Outcome<SourceFacts>> {
    const answer = await sourceFacts(...question);
    this.#facts = answer.outcome === 'succeeded' ? answer.value : null;
    return answer;
  }

  async recall(...question: Parameters<typeof sourceFacts>): Promise<Outcome<SourceFacts>> {
    return this.#facts === null ? this.ask(...question) : succeeded(this.#facts);
  }
}
