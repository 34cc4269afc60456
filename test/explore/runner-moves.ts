import type { SagaCommand } from '../../domain/migration/decide-saga.ts';
import type { SagaAction } from '../../domain/migration/next-action.ts';
import type { StepResult } from '../../domain/migration/saga-events.ts';
import type { StepName, UndoName } from '../../domain/migration/saga-steps.ts';
import { hostName } from '../../domain/shared/ids.ts';
import { callMoves, migrateMoves } from './call-moves.ts';
import { sightingAtDestination, sightingAtSource } from './model-hosts.ts';
import type { Rules } from './model-rules.ts';
import { MODEL_TIME, type ModelWorld, type Question, type Task } from './model-world.ts';

export type Move = readonly [label: string, world: ModelWorld];

/** Everything the runner may do next: one move for each way in which its present call can go. */
export function runnerMoves(rules: Rules, world: ModelWorld): readonly Move[] {
  const { task } = world;
  if (task === null) {
    const action = rules.nextAction(world.saga);
    return action === null ? [] : [begin(rules, world, action)];
  }
  switch (task.doing) {
    case 'step':
      return task.step === 'selectDestination' ? selectMoves(world) : callMoves(world, task.step);
    case 'undo':
      return callMoves(world, task.undo);
    case 'migrate':
      return migrateMoves(world, task.phase);
    case 'ask':
      return askMoves(rules, world, task);
    case 'tell':
      return [[`record ${task.of} ${task.outcome}`, tell(rules, world, task)]];
  }
}

function begin(rules: Rules, world: ModelWorld, action: SagaAction): Move {
  const at = MODEL_TIME;
  switch (action.action) {
    case 'perform': {
      const { step, attempt } = action;
      const begun = record(rules, world, { type: 'StartStep', step, attempt, runner: 'm', at });
      return [`begin ${step}`, { ...begun, task: taskOfStep(step) }];
    }
    case 'inquire':
      return [`inquire ${action.step}`, { ...world, task: question('migrateGuest') }];
    case 'undo': {
      const { undo, attempt } = action;
      const begun = record(rules, world, { type: 'StartUndo', undo, attempt, runner: 'm', at });
      const task: Task = undo === 'restoreSource' ? question(undo) : { doing: 'undo', undo };
      return [`begin ${undo}`, { ...begun, task }];
    }
    case 'abandonStep':
      return [`abandon ${action.step}`, tell(rules, world, { doing: 'tell', of: action.step, outcome: 'failed' })];
    case 'abandonUndo':
      return [`abandon ${action.undo}`, tell(rules, world, { doing: 'tell', of: action.undo, outcome: 'failed' })];
  }
}

function taskOfStep(step: StepName): Task {
  if (step === 'migrateGuest') return { doing: 'migrate', phase: 'prepare' };
  return step === 'confirmSource' ? question(step) : { doing: 'step', step };
}

const question = (before: Question): Task => ({ doing: 'ask', before, source: null, destination: null });

function selectMoves(world: ModelWorld): readonly Move[] {
  const told = (outcome: 'succeeded' | 'failed'): Task => ({ doing: 'tell', of: 'selectDestination', outcome });
  const found: Move = ['a host is found', { ...world, task: told('succeeded') }];
  return world.faultsLeft === 0
    ? [found]
    : [found, ['no host fits', { ...world, task: told('failed'), faultsLeft: world.faultsLeft - 1 }]];
}

/** The two answers come one after the other, in either order: the world may change in between. */
function askMoves(rules: Rules, world: ModelWorld, task: Extract<Task, { doing: 'ask' }>): readonly Move[] {
  const moves: Move[] = [];
  if (task.source === null) {
    const source = sightingAtSource(world);
    moves.push([`source says ${source}`, { ...world, task: { ...task, source } }]);
  }
  if (task.destination === null) {
    const destination = sightingAtDestination(world);
    moves.push([`destination says ${destination}`, { ...world, task: { ...task, destination } }]);
  }
  if (task.source === null || task.destination === null) return moves;
  return [['judge', { ...world, task: judged(rules, task.before, task.source, task.destination) }]];
}

type Answers = Parameters<Rules['whereabouts']>;

function judged(rules: Rules, before: Question, source: Answers[0], destination: Answers[1]): Task {
  switch (before) {
    case 'migrateGuest': {
      const found = rules.whereabouts(source, destination);
      const outcome = ({ onDestination: 'succeeded', onSource: 'failed', undetermined: 'unknown' } as const)[found];
      return { doing: 'tell', of: 'migrateGuest', outcome };
    }
    case 'restoreSource':
      return rules.mayResumeSource(source, destination)
        ? { doing: 'undo', undo: 'restoreSource' }
        : { doing: 'tell', of: 'restoreSource', outcome: 'failed' };
    case 'confirmSource':
      return rules.mayRemoveSource(source, destination)
        ? { doing: 'step', step: 'confirmSource' }
        : { doing: 'tell', of: 'confirmSource', outcome: 'failed' };
  }
}

function tell(rules: Rules, world: ModelWorld, { of, outcome }: Extract<Task, { doing: 'tell' }>): ModelWorld {
  return { ...record(rules, world, commandOf(of, outcome)), task: null };
}

function commandOf(of: StepName | UndoName, outcome: 'succeeded' | 'failed' | 'unknown'): SagaCommand {
  const at = MODEL_TIME;
  const reason = outcome;
  if (of === 'restoreSource' || of === 'removeArtifacts' || of === 'clearDestination') {
    return outcome === 'succeeded'
      ? { type: 'RecordUndoSuccess', undo: of, at }
      : { type: 'RecordUndoFailure', undo: of, reason, at };
  }
  if (outcome === 'succeeded') return { type: 'RecordStepSuccess', result: resultOf(of), at };
  return outcome === 'failed'
    ? { type: 'RecordStepFailure', step: of, reason, checks: [], at }
    : { type: 'RecordStepUnknown', step: of, reason, at };
}

function resultOf(step: StepName): StepResult {
  switch (step) {
    case 'selectDestination':
      return { step, destination: hostName('b'), checks: [] };
    case 'prepareDestination':
      return { step, transfers: [] };
    case 'stageArtifacts':
      return { step, artifacts: [], stagingMs: 0 };
    case 'migrateGuest': {
      const figures = { downtimeMs: null, transferMs: null, memoryBytes: null, diskBytes: null };
      return { step, figures, learnedBy: 'inquiry' };
    }
    case 'confirmSource':
    case 'adoptAtDestination':
    case 'clearSource':
      return { step };
  }
}

function record(rules: Rules, world: ModelWorld, command: SagaCommand): ModelWorld {
  return { ...world, saga: rules.decideSaga(world.saga, command).reduce(rules.evolveSaga, world.saga) };
}
