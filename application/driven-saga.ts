import type { ClaimCommand } from '../domain/migration/decide-driver.ts';
import type { SagaCommand } from '../domain/migration/decide-saga.ts';
import type { Forward, SagaState, Unwinding } from '../domain/migration/saga-state.ts';
import type { MigrationId } from '../domain/shared/ids.ts';
import { drivenSaga, MIGRATION_SAGA, migrationSagaStream } from './aggregates.ts';
import { handleCommand, loadAggregate } from './handle-command.ts';
import { StoreUnavailable, type EventMetadata } from './ports/event-store.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';

/** Another process drives the migration by now; this one touches nothing of it any more. */
export class DrivenByAnother extends Error {
  override readonly name = 'DrivenByAnother';
  readonly epoch: number;
  constructor(epoch: number) {
    super(`claimed by another process, epoch ${epoch}`);
    this.epoch = epoch;
  }
}

type Begun<Type extends SagaCommand['type']> = Omit<Extract<SagaCommand, { type: Type }>, 'runner' | 'at'>;

/** The history of one migration, as its driver reads and writes it. */
export class DrivenSaga {
  readonly #dependencies: SagaDependencies;
  readonly #migrationId: MigrationId;
  readonly #metadata: EventMetadata;
  /** 0: not claimed yet; only its acceptance is heard. */
  #epoch = 0;

  constructor(dependencies: SagaDependencies, migrationId: MigrationId, metadata: EventMetadata) {
    this.#dependencies = dependencies;
    this.#migrationId = migrationId;
    this.#metadata = metadata;
  }

  async load(): Promise<SagaState> {
    const stream = migrationSagaStream(this.#migrationId);
    return (await loadAggregate(this.#dependencies.eventStore, MIGRATION_SAGA, stream)).state;
  }

  /** Whoever had claimed it before may not act any more, or is this process itself: the caller has made sure. */
  async claim(): Promise<void> {
    const saga = await this.load();
    if (!isUnderWay(saga)) return;
    const { runner } = this.#dependencies.lease;
    this.#epoch = saga.claim.runner === runner ? saga.claim.epoch : saga.claim.epoch + 1;
    if (saga.claim.runner === runner) return;
    try {
      await this.record({ type: 'ClaimMigration', epoch: this.#epoch, runner, at: this.#dependencies.clock.now() });
    } catch (error) {
      // An abort may have ended it in between; then nobody has claimed it, and the server is still to be told.
      if (!(error instanceof DrivenByAnother) || isUnderWay(await this.load())) throw error;
    }
  }

  /** In the log with this driver's epoch, and only then begun: while nobody else can have taken over. False: not awaited. */
  async begin(what: Begun<'StartStep'> | Begun<'StartUndo'>): Promise<boolean> {
    const { clock, lease } = this.#dependencies;
    const begun = await this.record({ ...what, runner: lease.runner, at: clock.now() });
    await lease.confirm();
    return begun;
  }

  /** False: it was not awaited. Throws DrivenByAnother as soon as another process has claimed the migration. */
  async record(command: SagaCommand | ClaimCommand): Promise<boolean> {
    const stream = migrationSagaStream(this.#migrationId);
    const saga = drivenSaga(this.#epoch);
    const answer = await handleCommand(this.#dependencies, saga, stream, command, this.#metadata);
    if (answer.accepted) return answer.events.length > 0;
    if (answer.refusal.reason === 'ClaimLost') throw new DrivenByAnother(answer.refusal.epoch);
    throw new StoreUnavailable(`${stream} is written to by too many at once`);
  }
}

const isUnderWay = (saga: SagaState): saga is Forward | Unwinding =>
  saga.phase === 'forward' || saga.phase === 'unwinding';
