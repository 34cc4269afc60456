import type { SagaEvent, StepResult } from '../../domain/migration/saga-events.ts';
import type { NeedsOperator } from '../../domain/migration/saga-state.ts';
import type { StepName, UndoName } from '../../domain/migration/saga-steps.ts';
import { impossible } from '../../domain/shared/impossible.ts';
import type { HostName } from '../../domain/shared/ids.ts';
import { errorOf, finishEvent, startEvent, SUCCESS, type EventResult, type InstanceAction } from './instance-action.ts';

const CONDUCTOR_EVENTS = ['conductor_live_migrate_instance', 'conductor_migrate_server'] as const;

/** Below 2.34 the conductor is called, and its task has another name (nova.md B.3). */
export const conductorEvent = (checkedBeforeAnswer: boolean): (typeof CONDUCTOR_EVENTS)[number] =>
  CONDUCTOR_EVENTS[checkedBeforeAnswer ? 1 : 0];

const SOURCE_CHECK_EVENT = 'compute_check_can_live_migrate_source';
const HAND_OVER_EVENT = 'compute_live_migration';

/**
 * The event of the action that a step begins and ends. `compute_live_migration` ends when the job was handed over, as
 * in Nova, so a failure of libvirt's job is seen in the rollback event and in the migration (nova.md F.4).
 */
const PRE_LIVE_EVENT = 'compute_pre_live_migration';
const EVENT_OF_STEP: Readonly<Partial<Record<StepName, string>>> = {
  prepareDestination: PRE_LIVE_EVENT,
  stageArtifacts: PRE_LIVE_EVENT,
  adoptAtDestination: 'compute_post_live_migration_at_destination',
};
const EVENT_OF_UNDO: Readonly<Partial<Record<UndoName, string>>> = {
  clearDestination: 'compute_rollback_live_migration_at_destination',
};

/** One saga event as the instance action shows it. Names and order: nova.md F.4. `conductor`: see conductorEvent. */
export function projectSagaEvent(action: InstanceAction, event: SagaEvent, conductor: string): InstanceAction {
  switch (event.type) {
    case 'MigrationAccepted':
      return startEvent(action, conductor, null, event.at);
    case 'StepStarted':
      return stepStarted(action, event);
    case 'StepSucceeded':
      return stepSucceeded(action, event.result, event.at);
    case 'StepFailed':
      return stepFailed(action, event);
    case 'UndoStarted':
      return startOnce(action, EVENT_OF_UNDO[event.undo], event.at);
    case 'UndoSucceeded':
      return finish(action, EVENT_OF_UNDO[event.undo], event.at, SUCCESS);
    case 'UndoFailed':
      return finish(action, EVENT_OF_UNDO[event.undo], event.at, errorOf(event.reason));
    case 'StepOutcomeUnknown':
      return finishOf(action, event.step, event.at, errorOf(event.reason));
    case 'PhaseReached':
      // The last artifacts come while the incoming guest is started; from here on the copy has begun.
      return event.phase === 'performing' ? finishPreLive(action, event.at, SUCCESS) : action;
    case 'MigrationClaimed':
      // Which process is at work is nobody's business but the operator's.
      return action;
    case 'AbortRequested':
    case 'ForceCompleteRequested':
    case 'OperatorResolved':
      // Actions of their own (instance-actions-view.ts); the migration tells what became of them.
      return action;
    default:
      return impossible(event, 'projectSagaEvent');
  }
}

/** An event of our own: Nova has none for a migration that stops and asks. */
const NEEDS_OPERATOR_EVENT = 'lifeboat_needs_operator';

/** Says in the action that the migration has stopped, and why. */
export function projectStop(action: InstanceAction, { reason }: NeedsOperator, at: At): InstanceAction {
  const told = `${reason} (The migration has stopped and needs an operator: lifeboat migrations.)`;
  return finishEvent(action, NEEDS_OPERATOR_EVENT, { host: hostOf(action), at, outcome: errorOf(told) });
}

type At = InstanceAction['startTime'];

function stepStarted(
  action: InstanceAction,
  { step, at }: Extract<SagaEvent, { type: 'StepStarted' }>,
): InstanceAction {
  // A step that is begun again after a crash belongs to the same hand-over.
  if (step !== 'prepareDestination' || action.events.some(({ event }) => event === HAND_OVER_EVENT)) {
    return startOnce(action, EVENT_OF_STEP[step], at);
  }
  const host = newestHost(action, SOURCE_CHECK_EVENT);
  return startOnce(finishEvent(action, HAND_OVER_EVENT, { host, at, outcome: SUCCESS }), EVENT_OF_STEP[step], at);
}

function stepSucceeded(action: InstanceAction, result: StepResult, at: At): InstanceAction {
  switch (result.step) {
    case 'selectDestination':
      return finishEvent(withChecks(action, result.checks), conductorOf(action), { host: null, at, outcome: SUCCESS });
    case 'adoptAtDestination':
      return finish(action, EVENT_OF_STEP[result.step], at, SUCCESS);
    case 'migrateGuest':
      return finishPreLive(action, at, SUCCESS);
    case 'prepareDestination':
    case 'stageArtifacts':
    case 'confirmSource':
    case 'clearSource':
      return action;
    default:
      return impossible(result, 'stepSucceeded');
  }
}

function stepFailed(action: InstanceAction, event: Extract<SagaEvent, { type: 'StepFailed' }>): InstanceAction {
  if (event.step !== 'selectDestination') return finishOf(action, event.step, event.at, errorOf(event.reason));
  const outcome = errorOf(event.reason);
  return finishEvent(withChecks(action, event.checks), conductorOf(action), { host: null, at: event.at, outcome });
}

/** Whichever of the two was begun. */
const conductorOf = ({ events }: InstanceAction): string =>
  CONDUCTOR_EVENTS.find((name) => events.some(({ event }) => event === name)) ?? CONDUCTOR_EVENTS[0];

function withChecks(
  action: InstanceAction,
  checks: Extract<SagaEvent, { type: 'StepFailed' }>['checks'],
): InstanceAction {
  return checks.reduce((before, { name, host, startedAt, finishedAt, refusal }) => {
    const event = `compute_${name}`;
    const outcome = refusal === null ? SUCCESS : errorOf(refusal);
    return finishEvent(startEvent(before, event, host, startedAt), event, { host, at: finishedAt, outcome });
  }, action);
}

function startOnce(action: InstanceAction, event: string | undefined, at: At): InstanceAction {
  if (event === undefined || action.events.some((row) => row.event === event && row.finishTime === null)) return action;
  return startEvent(action, event, hostOf(action), at);
}

function finish(action: InstanceAction, event: string | undefined, at: At, outcome: EventResult): InstanceAction {
  return event === undefined ? action : finishEvent(action, event, { host: hostOf(action), at, outcome });
}

function finishOf(action: InstanceAction, step: StepName, at: At, outcome: EventResult): InstanceAction {
  return step === 'migrateGuest'
    ? finishPreLive(action, at, outcome)
    : finish(action, EVENT_OF_STEP[step], at, outcome);
}

/** Only while it is open: a job that fails later has no event of its own (nova.md F.4). */
function finishPreLive(action: InstanceAction, at: At, outcome: EventResult): InstanceAction {
  const open = action.events.some(({ event, finishTime }) => event === PRE_LIVE_EVENT && finishTime === null);
  return open ? finish(action, PRE_LIVE_EVENT, at, outcome) : action;
}

/** The destination: the host whose check passed last. */
function hostOf(action: InstanceAction): HostName | null {
  return newestHost(action, 'compute_check_can_live_migrate_destination');
}

function newestHost({ events }: InstanceAction, name: string): HostName | null {
  return events.findLast(({ event, result }) => event === name && result === 'Success')?.host ?? null;
}
