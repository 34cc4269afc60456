import type { PresentInstance } from '../domain/instance/instance-state.ts';
import { ACTIONS_MAX, nextAction, type SagaAction } from '../domain/migration/next-action.ts';
import type { MigrationPhase, StagedArtifact } from '../domain/migration/saga-events.ts';
import type { Forward, SagaFacts, SagaState, Unwinding } from '../domain/migration/saga-state.ts';
import { PIVOT_INDEX, type StepName, type UndoName } from '../domain/migration/saga-steps.ts';
import type { InstanceId, MigrationId } from '../domain/shared/ids.ts';
import { failed, type Outcome } from '../domain/shared/outcome.ts';
import { INSTANCE, instanceStream } from './aggregates.ts';
import { DrivenFacts } from './driven-facts.ts';
import { DrivenByAnother, DrivenSaga } from './driven-saga.ts';
import { loadAggregate } from './handle-command.ts';
import { inquireMigration } from './inquire-migration.ts';
import { performSagaStep } from './perform-saga-step.ts';
import { performSagaUndo } from './perform-saga-undo.ts';
import { abortForDelete } from './pull-levers.ts';
import type { EventMetadata } from './ports/event-store.ts';
import type { StepAnswer, StepContext } from './saga-step-context.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';
import { settleMigration } from './settle-migration.ts';

/** Before a second attempt, doubled for each further one. */
export const SAGA_RETRY_DELAY_MS = 200;
export const SAGA_RETRY_DELAY_MAX_MS = 5000;

/**
 * Drives one migration until it has ended, from whatever its history says; returns at once when another process drives
 * it. Woken by the subscription; never twice at once in a process, and in one process at a time by its claim in the log.
 */
export async function advanceMigrationSaga(
  dependencies: SagaDependencies,
  { migrationId, instanceId }: { readonly migrationId: MigrationId; readonly instanceId: InstanceId },
  metadata: EventMetadata,
): Promise<void> {
  const runner = new SagaRunner(dependencies, migrationId, instanceId, metadata);
  try {
    await runner.run();
  } catch (error) {
    if (!(error instanceof DrivenByAnother)) throw error;
    dependencies.log.warn({ migrationId, epoch: error.epoch }, 'Another process drives this migration now.');
  }
}

class SagaRunner {
  readonly #dependencies: SagaDependencies;
  readonly #migrationId: MigrationId;
  readonly #instanceId: InstanceId;
  readonly #metadata: EventMetadata;
  readonly #saga: DrivenSaga;
  readonly #facts = new DrivenFacts();

  constructor(
    dependencies: SagaDependencies,
    migrationId: MigrationId,
    instanceId: InstanceId,
    metadata: EventMetadata,
  ) {
    this.#dependencies = dependencies;
    this.#migrationId = migrationId;
    this.#instanceId = instanceId;
    this.#metadata = metadata;
    this.#saga = new DrivenSaga(dependencies, migrationId, metadata);
  }

  async run(): Promise<void> {
    await this.#accept();
    await this.#saga.claim();
    const { source, destination } = await this.#drive((saga) => saga.destination !== null);
    if (destination !== null) await this.#dependencies.slots.hold(source, () => this.#drive(() => false));
    const saga = await this.#saga.load();
    await settleMigration(this.#dependencies, saga, this.#metadata);
    if (saga.phase === 'needsOperator') {
      const { migrationId, stoppedAt, reason } = saga;
      this.#dependencies.log.error({ migrationId, stoppedAt, reason }, NEEDS_OPERATOR);
    }
  }

  /** Carries out one action after another until the saga has ended, or `pause` says so. */
  async #drive(pause: (saga: SagaFacts) => boolean): Promise<SagaFacts> {
    let last = '';
    let repeats = 0;
    for (let actions = 0; actions <= ACTIONS_MAX; actions += 1) {
      const saga = await this.#saga.load();
      if (saga.phase === 'absent') break;
      const action = nextAction(saga);
      if (action === null || pause(saga)) return saga;
      const name = 'undo' in action ? action.undo : action.step;
      repeats = name === last ? repeats + 1 : 0;
      last = name;
      await this.#backOff(repeats - (action.action === 'inquire' ? 1 : 0));
      if (await this.#isAbortedByDelete(saga)) continue;
      await this.#carryOut(saga, action);
    }
    throw new Error(`advanceMigrationSaga: ${this.#migrationId} did not end within ${ACTIONS_MAX} actions`);
  }

  async #accept(): Promise<void> {
    if ((await this.#saga.load()).phase !== 'absent') return;
    const row = this.#dependencies.views.migrations.find(this.#migrationId);
    if (row === null) throw new Error(`advanceMigrationSaga: nobody asked for ${this.#migrationId}`);
    const instance = await this.#instance();
    await this.#saga.record({
      type: 'AcceptMigration',
      migrationId: this.#migrationId,
      instanceId: this.#instanceId,
      source: row.source,
      requestedHost: row.requestedHost,
      blockMigration: row.blockMigration,
      rescued: instance.rescue !== null,
      initiator: row.initiator,
      at: this.#dependencies.clock.now(),
    });
  }

  #carryOut(saga: SagaState, action: SagaAction): Promise<void> {
    if (saga.phase === 'unwinding') {
      if (action.action === 'undo') return this.#undo(saga, action);
      if (action.action === 'abandonUndo') return this.#recordUndo(action.undo, failed(abandoned(action.undo)));
    }
    if (saga.phase === 'forward') {
      if (action.action === 'perform') return this.#perform(saga, action);
      if (action.action === 'inquire') return this.#inquire(saga, action.step);
      if (action.action === 'abandonStep') {
        const reason = saga.abortRequested ? 'The migration was aborted.' : abandoned(action.step);
        return this.#recordStep(action.step, { outcome: 'failed', reason, checks: [] });
      }
    }
    throw new Error('advanceMigrationSaga: action and phase disagree');
  }

  async #perform(saga: Forward, { step, attempt }: Extract<SagaAction, { action: 'perform' }>): Promise<void> {
    const begun = await this.#saga.begin({ type: 'StartStep', step, attempt });
    if (begun) await this.#recordStep(step, await performSagaStep(await this.#context(saga), step));
  }

  async #inquire(saga: Forward, step: StepName): Promise<void> {
    const reason = 'Whoever drove the transfer, or a connection of it, was lost before it was known how it ended.';
    await this.#recordStep(step, await inquireMigration(await this.#context(saga), reason));
  }

  async #undo(saga: Unwinding, { undo, attempt }: Extract<SagaAction, { action: 'undo' }>): Promise<void> {
    const begun = await this.#saga.begin({ type: 'StartUndo', undo, attempt });
    if (!begun) return;
    const context = { dependencies: this.#dependencies, saga, instance: await this.#instance() };
    await this.#recordUndo(undo, await performSagaUndo(context, undo));
  }

  async #context(saga: Forward): Promise<StepContext> {
    return {
      dependencies: this.#dependencies,
      saga,
      instance: await this.#instance(),
      metadata: this.#metadata,
      facts: this.#facts,
      isAborted: () => this.#isAborted(),
      recordPhase: (phase, artifacts) => this.#recordPhase(phase, artifacts),
    };
  }

  async #recordStep(step: StepName, answer: StepAnswer): Promise<void> {
    const at = this.#dependencies.clock.now();
    switch (answer.outcome) {
      case 'succeeded':
        await this.#saga.record({ type: 'RecordStepSuccess', result: answer.value, at });
        return;
      case 'failed':
        await this.#saga.record({ type: 'RecordStepFailure', step, reason: answer.reason, checks: answer.checks, at });
        return;
      case 'unknown':
        await this.#saga.record({ type: 'RecordStepUnknown', step, reason: answer.reason, at });
    }
  }

  async #recordUndo(undo: UndoName, answer: Outcome<null>): Promise<void> {
    const at = this.#dependencies.clock.now();
    if (answer.outcome === 'succeeded') await this.#saga.record({ type: 'RecordUndoSuccess', undo, at });
    else await this.#saga.record({ type: 'RecordUndoFailure', undo, reason: answer.reason, at });
  }

  // A runner that was thought dead must stop before the next phase: its migration has gone on without it.
  async #recordPhase(phase: MigrationPhase, artifacts: readonly StagedArtifact[]): Promise<void> {
    const recorded = await this.#saga.record({
      type: 'RecordPhase',
      phase,
      artifacts,
      at: this.#dependencies.clock.now(),
    });
    if (!recorded) throw new Error(`${phase} is not awaited any more`);
    await this.#dependencies.lease.confirm();
  }

  /** Counted by this process alone: whoever takes a migration up after a crash begins at once. */
  async #backOff(repeats: number): Promise<void> {
    if (repeats <= 0) return;
    await this.#dependencies.clock.sleep(Math.min(SAGA_RETRY_DELAY_MAX_MS, SAGA_RETRY_DELAY_MS * 2 ** (repeats - 1)));
  }

  async #isAborted(): Promise<boolean> {
    const saga = await this.#saga.load();
    return (saga.phase === 'forward' && saga.abortRequested) || this.#isAbortedByDelete(saga);
  }

  /** True when a delete has come in between, so that the state must be read anew. */
  async #isAbortedByDelete(saga: SagaState): Promise<boolean> {
    if (saga.phase !== 'forward' || saga.stepIndex > PIVOT_INDEX || saga.abortRequested) return false;
    if ((await this.#instance()).task?.task !== 'delete') return false;
    await abortForDelete(this.#dependencies, this.#migrationId, this.#metadata);
    return true;
  }

  async #instance(): Promise<PresentInstance> {
    const { state } = await loadAggregate(this.#dependencies.eventStore, INSTANCE, instanceStream(this.#instanceId));
    if (state.existence === 'absent') throw new Error(`advanceMigrationSaga: server ${this.#instanceId} is absent`);
    // What a stopped migration left may be cleared after the server itself was deleted.
    return state.existence === 'present' ? state : { ...state, existence: 'present' };
  }
}

const NEEDS_OPERATOR =
  'A migration needs an operator: see `lifeboat migrations` and `lifeboat migration resolve --help`.';

const abandoned = (what: StepName | UndoName): string => `${what} was begun too often without an end`;
