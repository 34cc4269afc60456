import { microversionAtLeast, type Microversion } from '../service-version/microversion.ts';
import { accept, refuse, type Decision } from '../shared/decision.ts';
import type { Instant } from '../shared/ids.ts';
import { impossible } from '../shared/impossible.ts';
import type { Initiator } from '../shared/initiator.ts';
import { statusOf, type MigrationStatus } from './migration-status.ts';
import type { Resolution, SagaEvent } from './saga-events.ts';
import type { NeedsOperator, SagaState } from './saga-state.ts';
import { PIVOT, type StepName, type UndoName } from './saga-steps.ts';

export type LeverCommand =
  | {
      readonly type: 'RequestAbort';
      readonly microversion: Microversion;
      readonly initiator: Initiator;
      readonly at: Instant;
    }
  /** The server is being deleted, so its migration need not go on. */
  | { readonly type: 'AbortForDelete'; readonly at: Instant }
  | { readonly type: 'RequestForceComplete'; readonly initiator: Initiator; readonly at: Instant }
  | {
      readonly type: 'ResolveMigration';
      readonly resolution: Resolution;
      /** Null: a host of this migration can be reached again, so what could not be done is tried anew. */
      readonly initiator: Initiator | null;
      readonly at: Instant;
    };

export type LeverRefusal =
  | { readonly reason: 'MigrationNotAbortable'; readonly status: MigrationStatus }
  | { readonly reason: 'MigrationNotRunning'; readonly status: MigrationStatus }
  | { readonly reason: 'MigrationNotStopped'; readonly status: MigrationStatus }
  | {
      readonly reason: 'ResolutionNotPossible';
      readonly resolution: Resolution;
      readonly stoppedAt: StepName | UndoName;
      readonly possible: readonly Resolution[];
    };

/** Before it only a running migration can be aborted (nova.md B.9). */
const ABORT_QUEUED_MICROVERSION: Microversion = { major: 2, minor: 65 };

const ABORTABLE_BEFORE: readonly MigrationStatus[] = ['running'];
const ABORTABLE: readonly MigrationStatus[] = ['running', 'queued', 'preparing'];

/** True for what a person asks of a migration that is under way, or has stopped. */
export function isLeverCommand(command: { readonly type: string }): command is LeverCommand {
  return ['RequestAbort', 'AbortForDelete', 'RequestForceComplete', 'ResolveMigration'].includes(command.type);
}

/** The state of the server itself is judged before (domain/instance/migration-lever-check.ts). */
export function decideLever(state: SagaState, command: LeverCommand): Decision<SagaEvent, LeverRefusal> {
  const status = statusOf(state);
  const { at } = command;
  switch (command.type) {
    case 'RequestAbort': {
      const queuedToo = microversionAtLeast(command.microversion, ABORT_QUEUED_MICROVERSION);
      return (queuedToo ? ABORTABLE : ABORTABLE_BEFORE).includes(status)
        ? accept({ type: 'AbortRequested', initiator: command.initiator, at })
        : refuse({ reason: 'MigrationNotAbortable', status });
    }
    case 'AbortForDelete':
      return state.phase === 'forward' && !state.abortRequested
        ? accept({ type: 'AbortRequested', initiator: null, at })
        : accept();
    case 'RequestForceComplete':
      return status === 'running'
        ? accept({ type: 'ForceCompleteRequested', initiator: command.initiator, at })
        : refuse({ reason: 'MigrationNotRunning', status });
    case 'ResolveMigration': {
      const { resolution, initiator } = command;
      if (state.phase !== 'needsOperator') return refuse({ reason: 'MigrationNotStopped', status });
      const possible = possibleResolutions(state);
      return possible.includes(resolution)
        ? accept({ type: 'OperatorResolved', resolution, initiator, at })
        : refuse({ reason: 'ResolutionNotPossible', resolution, stoppedAt: state.stoppedAt, possible });
    }
    default:
      return impossible(command, 'decideLever');
  }
}

/**
 * Retrying is always possible: every action may be repeated and looks before it acts. Going back is not, once the
 * destination is known to run the guest; taking the destination's copy is not, once the source is known to run it.
 */
export function possibleResolutions({ stoppedAt, unwinding }: NeedsOperator): readonly Resolution[] {
  if (stoppedAt === PIVOT || stoppedAt === 'restoreSource') return ['retry', 'rollback', 'adoptDestination'];
  if (unwinding !== null) return ['retry', 'rollback'];
  return stoppedAt === 'confirmSource' ? ['retry', 'adoptDestination'] : ['retry'];
}
