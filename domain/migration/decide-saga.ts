import type { HostName, Instant, InstanceId, MigrationId } from '../shared/ids.ts';
import type { Initiator } from '../shared/initiator.ts';
import type { BlockMigration } from '../instance/instance-events.ts';
import { impossible } from '../shared/impossible.ts';
import type { MigrationPhase, PreCheck, SagaEvent, StagedArtifact, StepResult } from './saga-events.ts';
import type { Forward, SagaState, Unwinding } from './saga-state.ts';
import { stepAt, type StepName, type UndoName } from './saga-steps.ts';

export type SagaCommand =
  | {
      readonly type: 'AcceptMigration';
      readonly migrationId: MigrationId;
      readonly instanceId: InstanceId;
      readonly source: HostName;
      readonly requestedHost: HostName | null;
      readonly blockMigration: BlockMigration;
      readonly rescued: boolean;
      readonly initiator: Initiator;
      readonly at: Instant;
    }
  | {
      readonly type: 'StartStep';
      readonly step: StepName;
      readonly attempt: number;
      readonly runner: string;
      readonly at: Instant;
    }
  | {
      readonly type: 'RecordPhase';
      readonly phase: MigrationPhase;
      readonly artifacts: readonly StagedArtifact[];
      readonly at: Instant;
    }
  | { readonly type: 'RecordStepSuccess'; readonly result: StepResult; readonly at: Instant }
  | {
      readonly type: 'RecordStepFailure';
      readonly step: StepName;
      readonly reason: string;
      readonly checks: readonly PreCheck[];
      readonly at: Instant;
    }
  | { readonly type: 'RecordStepUnknown'; readonly step: StepName; readonly reason: string; readonly at: Instant }
  | {
      readonly type: 'StartUndo';
      readonly undo: UndoName;
      readonly attempt: number;
      readonly runner: string;
      readonly at: Instant;
    }
  | { readonly type: 'RecordUndoSuccess'; readonly undo: UndoName; readonly at: Instant }
  | { readonly type: 'RecordUndoFailure'; readonly undo: UndoName; readonly reason: string; readonly at: Instant };

/**
 * What to record of what a runner tells. Only what is awaited is heard: an outcome that is late, repeated or of another
 * step gives no events, so that redelivery and a runner that was thought dead can do no harm.
 */
export function decideSaga(state: SagaState, command: SagaCommand): readonly SagaEvent[] {
  if (command.type === 'AcceptMigration') {
    return state.phase === 'absent' ? [{ ...command, type: 'MigrationAccepted' }] : [];
  }
  if (state.phase === 'forward') return decideForward(state, command);
  if (state.phase === 'unwinding') return decideUnwinding(state, command);
  return [];
}

type LaterCommand = Exclude<SagaCommand, { type: 'AcceptMigration' }>;

function decideForward(state: Forward, command: LaterCommand): readonly SagaEvent[] {
  const awaited = stepAt(state.stepIndex).name;
  switch (command.type) {
    case 'StartStep':
      return command.step === awaited && command.attempt === state.starts + 1
        ? [{ ...command, type: 'StepStarted' }]
        : [];
    case 'RecordPhase':
      return awaited === 'migrateGuest' && state.interrupted ? [{ ...command, type: 'PhaseReached' }] : [];
    case 'RecordStepSuccess':
      return command.result.step === awaited && state.interrupted ? [{ ...command, type: 'StepSucceeded' }] : [];
    case 'RecordStepFailure':
      return command.step === awaited && state.interrupted ? [{ ...command, type: 'StepFailed' }] : [];
    case 'RecordStepUnknown':
      return command.step === awaited && state.interrupted ? [{ ...command, type: 'StepOutcomeUnknown' }] : [];
    case 'StartUndo':
    case 'RecordUndoSuccess':
    case 'RecordUndoFailure':
      return [];
    default:
      return impossible(command, 'decideSaga');
  }
}

function decideUnwinding(state: Unwinding, command: LaterCommand): readonly SagaEvent[] {
  const awaited = stepAt(state.stepIndex).undo;
  switch (command.type) {
    case 'StartUndo':
      return command.undo === awaited && command.attempt === state.starts + 1
        ? [{ ...command, type: 'UndoStarted' }]
        : [];
    case 'RecordUndoSuccess':
      return command.undo === awaited && state.interrupted ? [{ ...command, type: 'UndoSucceeded' }] : [];
    case 'RecordUndoFailure':
      return command.undo === awaited && state.interrupted ? [{ ...command, type: 'UndoFailed' }] : [];
    case 'StartStep':
    case 'RecordPhase':
    case 'RecordStepSuccess':
    case 'RecordStepFailure':
    case 'RecordStepUnknown':
      return [];
    default:
      return impossible(command, 'decideSaga');
  }
}
