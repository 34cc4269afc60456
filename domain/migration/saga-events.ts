import type { BlockMigration } from '../instance/instance-events.ts';
import type { HostName, Instant, InstanceId, MigrationId } from '../shared/ids.ts';
import type { Initiator } from '../shared/initiator.ts';
import type { ArtifactTransfer } from './rescue-artifacts.ts';
import type { StepName, UndoName } from './saga-steps.ts';

/** One question put to one host while a destination was looked for; an operator reads the answers in the instance action. */
export type PreCheck = {
  readonly name: 'check_can_live_migrate_destination' | 'check_can_live_migrate_source';
  readonly host: HostName;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  /** Null: passed. */
  readonly refusal: string | null;
};

export type StagedArtifact = {
  readonly name: string;
  readonly origin: 'imageService' | 'sourceHost' | 'eventLog';
  readonly bytes: number;
  readonly sha256: string;
};

/** libvirt's own job figures. Null where the driver did not say. */
export type TransferFigures = {
  readonly downtimeMs: number | null;
  readonly transferMs: number | null;
  readonly memoryBytes: number | null;
  readonly diskBytes: number | null;
};

/** What a step leaves for later steps and for the reader of the log. */
export type StepResult =
  | { readonly step: 'selectDestination'; readonly destination: HostName; readonly checks: readonly PreCheck[] }
  | { readonly step: 'prepareDestination'; readonly transfers: readonly ArtifactTransfer[] }
  | { readonly step: 'stageArtifacts'; readonly artifacts: readonly StagedArtifact[]; readonly stagingMs: number }
  | { readonly step: 'migrateGuest'; readonly figures: TransferFigures; readonly learnedBy: 'reply' | 'inquiry' }
  | { readonly step: 'confirmSource' }
  | { readonly step: 'adoptAtDestination' }
  | { readonly step: 'clearSource' };

/** libvirt's migration phases, recorded as they are reached; nothing is written between Perform and Finish. */
export type MigrationPhase = 'begun' | 'prepared' | 'performing';

type MigrationAccepted = {
  readonly type: 'MigrationAccepted';
  readonly migrationId: MigrationId;
  readonly instanceId: InstanceId;
  readonly source: HostName;
  readonly requestedHost: HostName | null;
  readonly blockMigration: BlockMigration;
  readonly rescued: boolean;
  readonly initiator: Initiator;
  readonly at: Instant;
};
/**
 * One process drives a migration at a time: whoever takes it up says so, with the next epoch. What a driver of an earlier
 * epoch still has to tell is not heard any more.
 */
type MigrationClaimed = {
  readonly type: 'MigrationClaimed';
  /** 1 for the first. */
  readonly epoch: number;
  readonly runner: string;
  readonly at: Instant;
};
/** Recorded before the effect: who sees it without an outcome knows that a runner may have died in the middle. */
type StepStarted = {
  readonly type: 'StepStarted';
  readonly step: StepName;
  readonly attempt: number;
  readonly runner: string;
  readonly at: Instant;
};
type StepSucceeded = { readonly type: 'StepSucceeded'; readonly result: StepResult; readonly at: Instant };
type StepFailed = {
  readonly type: 'StepFailed';
  readonly step: StepName;
  readonly reason: string;
  /** Only for selectDestination: what each asked host answered. */
  readonly checks: readonly PreCheck[];
  readonly at: Instant;
};
type StepOutcomeUnknown = {
  readonly type: 'StepOutcomeUnknown';
  readonly step: StepName;
  readonly reason: string;
  readonly at: Instant;
};
type PhaseReached = {
  readonly type: 'PhaseReached';
  readonly phase: MigrationPhase;
  /** With `performing`: what was staged while the incoming guest was started. */
  readonly artifacts: readonly StagedArtifact[];
  readonly at: Instant;
};
type UndoStarted = {
  readonly type: 'UndoStarted';
  readonly undo: UndoName;
  readonly attempt: number;
  readonly runner: string;
  readonly at: Instant;
};
type UndoSucceeded = { readonly type: 'UndoSucceeded'; readonly undo: UndoName; readonly at: Instant };
type UndoFailed = {
  readonly type: 'UndoFailed';
  readonly undo: UndoName;
  readonly reason: string;
  readonly at: Instant;
};

/** What an operator may answer when the saga has stopped and asks. */
export type Resolution = 'retry' | 'rollback' | 'adoptDestination';

type AbortRequested = {
  readonly type: 'AbortRequested';
  /** Null: nobody in particular; the server is being deleted. */
  readonly initiator: Initiator | null;
  readonly at: Instant;
};
type ForceCompleteRequested = {
  readonly type: 'ForceCompleteRequested';
  readonly initiator: Initiator;
  readonly at: Instant;
};
type OperatorResolved = {
  readonly type: 'OperatorResolved';
  readonly resolution: Resolution;
  /** Null: nobody in particular; a host of this migration can be reached again. */
  readonly initiator: Initiator | null;
  readonly at: Instant;
};

/** Everything that can have happened to one live migration. */
export type SagaEvent =
  | MigrationAccepted
  | MigrationClaimed
  | StepStarted
  | StepSucceeded
  | StepFailed
  | StepOutcomeUnknown
  | PhaseReached
  | UndoStarted
  | UndoSucceeded
  | UndoFailed
  | AbortRequested
  | ForceCompleteRequested
  | OperatorResolved;
