import type { StagedArtifact } from '../domain/migration/saga-events.ts';
import { succeeded, type Outcome } from '../domain/shared/outcome.ts';
import type { SourceFacts } from './ports/hypervisor-driver.ts';
import { sourceFacts } from './source-facts.ts';

/**
 * What one process knows of a migration while it drives it; whoever takes the migration up later begins with nothing.
 * The facts are asked when the destination is made ready, which may be long after it was chosen, and hold for the steps
 * that follow: asking takes as long as a small step.
 */
export class DrivenFacts {
  /** Written to the destination and not read back yet; null when this process has written nothing. */
  written: readonly StagedArtifact[] | null = null;
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
