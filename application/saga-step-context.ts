import type { PresentInstance } from '../domain/instance/instance-state.ts';
import type { MigrationPhase, PreCheck, StagedArtifact, StepResult } from '../domain/migration/saga-events.ts';
import type { Forward } from '../domain/migration/saga-state.ts';
import type { StepName } from '../domain/migration/saga-steps.ts';
import type { Outcome } from '../domain/shared/outcome.ts';
import type { DrivenFacts } from './driven-facts.ts';
import type { EventMetadata } from './ports/event-store.ts';
import type { HypervisorDriver } from './ports/hypervisor-driver.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';

export type StepAnswer =
  | { readonly outcome: 'succeeded'; readonly value: StepResult }
  | { readonly outcome: 'failed'; readonly reason: string; readonly checks: readonly PreCheck[] }
  | { readonly outcome: 'unknown'; readonly reason: string };

export type StepContext = {
  readonly dependencies: SagaDependencies;
  readonly saga: Forward;
  readonly instance: PresentInstance;
  readonly metadata: EventMetadata;
  readonly facts: DrivenFacts;
  /** Asks the log, also whether the server is being deleted: then the migration is aborted by this very call. */
  readonly isAborted: () => Promise<boolean>;
  /** Throws when the phase could not be recorded. */
  readonly recordPhase: (phase: MigrationPhase, artifacts: readonly StagedArtifact[]) => Promise<void>;
};

export type HostPair = { readonly source: HypervisorDriver; readonly destination: HypervisorDriver };

/** Null: this process does not reach both. */
export function hostPair({ dependencies, saga }: Pick<StepContext, 'dependencies' | 'saga'>): HostPair | null {
  const source = dependencies.hosts.driver(saga.source);
  const destination = saga.destination === null ? null : dependencies.hosts.driver(saga.destination);
  return source === null || destination === null ? null : { source, destination };
}

/** Throws when a step succeeded and nobody says with what: only a bug can do that. */
export function answerOf(step: StepName, answer: Outcome<unknown>, result?: StepResult): StepAnswer {
  if (answer.outcome === 'succeeded') {
    if (result === undefined) throw new Error(`performSagaStep: ${step} succeeded without a result`);
    return { outcome: 'succeeded', value: result };
  }
  return answer.outcome === 'failed' ? { outcome: 'failed', reason: answer.reason, checks: [] } : answer;
}
