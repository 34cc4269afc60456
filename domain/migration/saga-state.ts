import type { BlockMigration } from '../instance/instance-events.ts';
import type { HostName, InstanceId, MigrationId } from '../shared/ids.ts';
import type { Initiator } from '../shared/initiator.ts';
import type { StepName, UndoName } from './saga-steps.ts';

/** Who drives the migration, and in which order the drivers came. */
export type Claim = {
  /** 0: nobody has ever claimed it. */
  readonly epoch: number;
  /** Null: nobody drives it; it was never claimed, or waits for an operator. */
  readonly runner: string | null;
};

export const UNCLAIMED: Claim = { epoch: 0, runner: null };

export type SagaFacts = {
  readonly migrationId: MigrationId;
  readonly instanceId: InstanceId;
  readonly source: HostName;
  readonly requestedHost: HostName | null;
  readonly blockMigration: BlockMigration;
  readonly rescued: boolean;
  readonly initiator: Initiator;
  /** Null until `selectDestination` has succeeded. */
  readonly destination: HostName | null;
  /** From then on every step before the pivot is undone instead of followed by the next. */
  readonly abortRequested: boolean;
  readonly forceCompleteRequested: boolean;
  readonly claim: Claim;
};

export type Forward = SagaFacts & {
  readonly phase: 'forward';
  readonly stepIndex: number;
  /** How often the step was begun; a crash in the middle counts. */
  readonly starts: number;
  /** How often it failed. */
  readonly failures: number;
  /** How often nobody could say how it ended. */
  readonly unknowns: number;
  /** Begun, and no outcome recorded: whoever reads this state was not the one who began it, or has lost the reply. */
  readonly interrupted: boolean;
};

export type Unwinding = SagaFacts & {
  readonly phase: 'unwinding';
  /** The step whose undo comes next; always one that has an undo. */
  readonly stepIndex: number;
  /** Of the undo, as of a step. */
  readonly starts: number;
  readonly failures: number;
  readonly interrupted: boolean;
  readonly failedStep: StepName;
  readonly reason: string;
};

/** Stopped, because every automatic answer would be a guess; `OperatorResolved` is the only way out. */
export type NeedsOperator = SagaFacts & {
  readonly phase: 'needsOperator';
  readonly stepIndex: number;
  readonly stoppedAt: StepName | UndoName;
  readonly reason: string;
  /** What was being unwound when it stopped; null when it went forward. */
  readonly unwinding: { readonly failedStep: StepName; readonly reason: string } | null;
};

export type SagaState =
  | { readonly phase: 'absent' }
  | Forward
  | Unwinding
  | (SagaFacts & { readonly phase: 'completed' })
  | (SagaFacts & { readonly phase: 'rolledBack'; readonly failedStep: StepName; readonly reason: string })
  | NeedsOperator;

export const INITIAL_SAGA: SagaState = { phase: 'absent' };
