import { decideSaga, type SagaCommand } from '../../domain/migration/decide-saga.ts';
import { evolveSaga } from '../../domain/migration/evolve-saga.ts';
import { nextAction, type SagaAction } from '../../domain/migration/next-action.ts';
import type { SagaEvent } from '../../domain/migration/saga-events.ts';
import { INITIAL_SAGA, type SagaState } from '../../domain/migration/saga-state.ts';
import type { StepName, UndoName } from '../../domain/migration/saga-steps.ts';
import { hostName, instant, projectId, requestId, userId } from '../../domain/shared/ids.ts';
import { MIGRATIONS, resultOf, SERVER, type Script, type Turn } from '../support/arbitraries.ts';

const AT = instant('2026-03-01T08:30:00.000Z');
const [MIGRATION = MIGRATIONS[0]] = MIGRATIONS;
if (MIGRATION === undefined) throw new Error('there is no migration id');

export const ACCEPT: SagaCommand = {
  type: 'AcceptMigration',
  migrationId: MIGRATION,
  instanceId: SERVER,
  source: hostName('compute-a'),
  requestedHost: null,
  blockMigration: 'auto',
  rescued: true,
  initiator: { requestId: requestId('req-1'), userId: userId('owner'), projectId: projectId('project') },
  at: AT,
};

/**
 * Two hosts as far as a migration concerns them: what stands on the destination, and who runs the guest. It knows
 * nothing of sagas. Like the drivers it refuses to clear a running guest, and to resume beside one.
 */
export class World {
  readonly onDestination = new Set<'directory' | 'artifacts'>();
  guest: 'source' | 'destination' = 'source';
  sourceCopy = true;
  sourceFiles = true;
  readonly calls: (StepName | UndoName)[] = [];
  /** Undos that were called although the guest ran on the destination. */
  readonly undosPastThePivot: UndoName[] = [];
  #late: (() => void)[] = [];

  /** Lets a call that was thought lost arrive. */
  landLate(): void {
    const [first, ...rest] = this.#late;
    this.#late = rest;
    first?.();
  }

  get lateEffects(): number {
    return this.#late.length;
  }

  call(name: StepName | UndoName, { effect }: Turn): void {
    this.calls.push(name);
    if (isUndo(name) && this.guest === 'destination') this.undosPastThePivot.push(name);
    if (effect === 'stands') this.#take(name);
    if (effect === 'late') this.#late.push(() => this.#take(name));
  }

  #take(name: StepName | UndoName): void {
    switch (name) {
      case 'selectDestination':
      case 'restoreSource':
      case 'adoptAtDestination':
        return;
      case 'prepareDestination':
        this.onDestination.add('directory');
        return;
      case 'stageArtifacts':
        if (this.onDestination.has('directory')) this.onDestination.add('artifacts');
        return;
      case 'migrateGuest':
        if (this.onDestination.has('artifacts')) this.guest = 'destination';
        return;
      case 'confirmSource':
        if (this.guest === 'destination') this.sourceCopy = false;
        return;
      case 'clearSource':
        if (!this.sourceCopy) this.sourceFiles = false;
        return;
      case 'removeArtifacts':
        this.onDestination.delete('artifacts');
        return;
      case 'clearDestination':
        if (this.guest === 'source') this.onDestination.clear();
    }
  }
}

function isUndo(name: StepName | UndoName): name is UndoName {
  return name === 'restoreSource' || name === 'removeArtifacts' || name === 'clearDestination';
}

export type Run = {
  readonly world: World;
  readonly events: readonly SagaEvent[];
  readonly states: readonly SagaState[];
  readonly end: SagaState;
  readonly actions: number;
};

/** Drives the production saga by a script; every turn is one call. Ends after `actionsMax`, ended or not. */
export function runSaga(script: Script | ((call: StepName | UndoName) => Turn), actionsMax: number): Run {
  const world = new World();
  const events: SagaEvent[] = [];
  let state: SagaState = INITIAL_SAGA;
  const states: SagaState[] = [state];
  const record = (command: SagaCommand): void => {
    for (const event of decideSaga(state, command)) {
      events.push(event);
      state = evolveSaga(state, event);
      states.push(state);
    }
  };
  record(ACCEPT);
  let turns = 0;
  const turnFor = (call: StepName | UndoName): Turn => {
    turns += 1;
    return typeof script === 'function' ? script(call) : (script.turns[turns - 1] ?? script.thenAlways);
  };
  let actions = 0;
  for (let action = nextAction(state); action !== null && actions < actionsMax; action = nextAction(state)) {
    actions += 1;
    carryOut(world, action, record, turnFor);
    world.landLate();
  }
  return { world, events, states, end: state, actions };
}

type Record = (command: SagaCommand) => void;

function carryOut(
  world: World,
  action: SagaAction,
  record: Record,
  turnFor: (call: StepName | UndoName) => Turn,
): void {
  switch (action.action) {
    case 'perform':
      record({ type: 'StartStep', step: action.step, attempt: action.attempt, runner: 'test', at: AT });
      return performStep(world, action.step, record, turnFor(action.step));
    case 'inquire':
      return answerInquiry(world, action.step, record, turnFor(action.step));
    case 'undo':
      record({ type: 'StartUndo', undo: action.undo, attempt: action.attempt, runner: 'test', at: AT });
      return performUndo(world, action.undo, record, turnFor(action.undo));
    case 'abandonStep':
      return record({ type: 'RecordStepFailure', step: action.step, reason: 'abandoned', checks: [], at: AT });
    case 'abandonUndo':
      return record({ type: 'RecordUndoFailure', undo: action.undo, reason: 'abandoned', at: AT });
  }
}

function performStep(world: World, step: StepName, record: Record, turn: Turn): void {
  // A driver that says so has done it; one that failed to move the guest says `unknown` unless the guest is on the source.
  world.call(step, turn.told === 'succeeded' ? { ...turn, effect: 'stands' } : turn);
  if (turn.told === 'crashed') return;
  if (turn.told === 'succeeded') return record({ type: 'RecordStepSuccess', result: resultOf(step), at: AT });
  if (turn.told === 'unknown') return record({ type: 'RecordStepUnknown', step, reason: 'lost', at: AT });
  if (step === 'migrateGuest' && (world.guest === 'destination' || turn.effect === 'late')) {
    return record({ type: 'RecordStepUnknown', step, reason: 'lost', at: AT });
  }
  record({ type: 'RecordStepFailure', step, reason: 'broken', checks: [], at: AT });
}

/** Only a definite answer counts: with a transfer still on its way the destination says neither yes nor no. */
function answerInquiry(world: World, step: StepName, record: Record, turn: Turn): void {
  if (turn.told === 'unknown' || turn.told === 'crashed' || world.lateEffects > 0) {
    return record({ type: 'RecordStepUnknown', step, reason: 'no answer', at: AT });
  }
  if (world.guest === 'destination') return record({ type: 'RecordStepSuccess', result: resultOf(step), at: AT });
  record({ type: 'RecordStepFailure', step, reason: 'it is on the source', checks: [], at: AT });
}

function performUndo(world: World, undo: UndoName, record: Record, turn: Turn): void {
  world.call(undo, turn.told === 'succeeded' ? { ...turn, effect: 'stands' } : turn);
  if (turn.told === 'crashed') return;
  if (turn.told === 'succeeded') return record({ type: 'RecordUndoSuccess', undo, at: AT });
  record({ type: 'RecordUndoFailure', undo, reason: turn.told, at: AT });
}
