import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideSaga } from '../../domain/migration/decide-saga.ts';
import { evolveSaga } from '../../domain/migration/evolve-saga.ts';
import { ACTIONS_MAX, nextAction } from '../../domain/migration/next-action.ts';
import { SAGA_STEPS, type StepName, type UndoName } from '../../domain/migration/saga-steps.ts';
import { settlementOf } from '../../domain/migration/settlement.ts';
import { sagaOutcome, script, type Script, type Turn } from '../support/arbitraries.ts';
import { runSaga, type Run } from './saga-run.fixture.ts';

const RUNS = { numRuns: 1000 };
const WENT_WELL: Turn = { told: 'succeeded', effect: 'stands' };
/** Written out, not imported: a wrong number in the table must be seen. */
const ATTEMPTS_MAX = 20;

const ENDS: ReadonlySet<string> = new Set(['completed', 'rolledBack', 'needsOperator']);

/** A script in which nothing arrives after it was given up. */
const punctual: fc.Arbitrary<Script> = script.map(({ turns, thenAlways }) => ({
  turns: turns.map(onTime),
  thenAlways: onTime(thenAlways),
}));
const onTime = (turn: Turn): Turn => (turn.effect === 'late' ? { ...turn, effect: 'stands' } : turn);

const always = (property: (run: Run) => boolean | void, scripts: fc.Arbitrary<Script> = script) =>
  fc.assert(
    fc.property(scripts, (given) => property(runSaga(given, ACTIONS_MAX))),
    RUNS,
  );

describe('a migration, whatever its steps answer', () => {
  it('P2a: ends within ACTIONS_MAX', () => {
    always(({ end }) => ENDS.has(end.phase));
  });

  it('P2b: leaves nothing on the destination when it is rolled back, and nothing on the source when it is completed', () => {
    always(({ end, world }) => {
      if (end.phase === 'rolledBack') {
        expect([...world.onDestination]).toEqual([]);
        expect(world).toMatchObject({ guest: 'source', sourceCopy: true, sourceFiles: true });
      }
      if (end.phase === 'completed') {
        expect(world).toMatchObject({ guest: 'destination', sourceCopy: false, sourceFiles: false });
      }
    }, punctual);
  });

  it('P2b, late: the guest is where the end says, even when calls arrive that were given up', () => {
    always(({ end, world }) => {
      if (end.phase === 'rolledBack') expect(world).toMatchObject({ guest: 'source', sourceCopy: true });
      if (end.phase === 'completed') expect(world.guest).toBe('destination');
    });
  });

  it('P2c: is never undone once the destination runs the guest', () => {
    always(({ world }) => {
      expect(world.undosPastThePivot).toEqual([]);
    });
  });

  it('P2c: never gives up the source’s copy while the guest is not on the destination', () => {
    always(({ world }) => {
      if (world.guest === 'source') expect(world).toMatchObject({ sourceCopy: true, sourceFiles: true });
    });
  });

  it('P2d: asks for an operator only after trying in vain as often as the table says', () => {
    always(({ end, events }) => {
      if (end.phase !== 'needsOperator') return;
      const step = SAGA_STEPS.find(({ name }) => name === end.stoppedAt);
      const attempts = step === undefined || step.whenUnknown === 'inquire' ? ATTEMPTS_MAX : step.attemptsMax;
      const vain = events.filter(
        (event) =>
          ((event.type === 'StepFailed' || event.type === 'StepOutcomeUnknown') && event.step === end.stoppedAt) ||
          (event.type === 'UndoFailed' && event.undo === end.stoppedAt),
      );
      expect(vain).toHaveLength(attempts);
      expect(events.at(-1)).toBe(vain.at(-1));
    });
  });

  it('P2f: hears nothing but what is awaited', () => {
    fc.assert(
      fc.property(script, fc.nat(), sagaOutcome, (given, place, told) => {
        const { states } = runSaga(given, ACTIONS_MAX);
        const state = states[place % states.length];
        if (state === undefined) throw new Error('a run without states');
        const action = nextAction(state);
        const events = decideSaga(state, told);
        const name =
          'step' in told ? told.step : 'undo' in told ? told.undo : 'result' in told ? told.result.step : null;
        const awaited = action === null ? null : 'step' in action ? action.step : action.undo;
        if (name !== awaited && name !== null) expect(events).toEqual([]);
        const isStart = told.type === 'StartStep' || told.type === 'StartUndo';
        const begun = (state.phase === 'forward' || state.phase === 'unwinding') && state.interrupted;
        if (!isStart && !begun) expect(events).toEqual([]);
        // Told again at once, it is a repetition. The phases and an unknown are facts of a step that is still begun.
        const repeats = told.type !== 'RecordPhase' && told.type !== 'RecordStepUnknown';
        const after = events.length === 0 || !repeats ? null : apply(state, told);
        if (after !== null) expect(decideSaga(after, told)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('tells the server where it is only when that is certain', () => {
    always(({ end, world }) => {
      const settlement = settlementOf(end);
      if (settlement === 'complete') expect(world).toMatchObject({ guest: 'destination', sourceCopy: false });
      if (settlement === 'rollBack') expect(world.guest).toBe('source');
      if (settlement === null) expect(end.phase).toBe('needsOperator');
    });
  });
});

function apply(state: Run['end'], told: Parameters<typeof decideSaga>[1]): Run['end'] {
  return decideSaga(state, told).reduce(evolveSaga, state);
}

describe('P2e: a step that fails for good', () => {
  const failing = (name: StepName | UndoName, effect: Turn['effect']) => (call: StepName | UndoName) =>
    call === name ? ({ told: 'failed', effect } as const) : WENT_WELL;
  const BEFORE: readonly StepName[] = ['selectDestination', 'prepareDestination', 'stageArtifacts', 'migrateGuest'];
  const AFTER: readonly StepName[] = ['confirmSource', 'adoptAtDestination', 'clearSource'];

  it.each(BEFORE)('%s: unwinds from there to an empty destination', (step) => {
    const { end, world } = runSaga(failing(step, 'none'), ACTIONS_MAX);
    expect(end).toMatchObject({ phase: 'rolledBack', failedStep: step });
    expect([...world.onDestination]).toEqual([]);
    const undos = ['restoreSource', 'removeArtifacts', 'clearDestination'].slice(3 - BEFORE.indexOf(step));
    expect(world.calls).toEqual([...BEFORE.slice(0, BEFORE.indexOf(step) + 1), ...undos]);
  });

  it.each(['prepareDestination', 'stageArtifacts'] as const)('%s: undoes the half that it did', (step) => {
    const { end, world } = runSaga(failing(step, 'stands'), ACTIONS_MAX);
    expect(end).toMatchObject({ phase: 'rolledBack', failedStep: step });
    expect([...world.onDestination]).toEqual([]);
  });

  it.each(AFTER)('%s: stops there for an operator and undoes nothing', (step) => {
    const { end, world } = runSaga(failing(step, 'none'), ACTIONS_MAX);
    expect(end).toMatchObject({ phase: 'needsOperator', stoppedAt: step });
    expect(world.calls.filter((call) => call === step)).toHaveLength(ATTEMPTS_MAX);
    expect(world.guest).toBe('destination');
    expect(settlementOf(end)).toBe(step === 'clearSource' ? 'complete' : null);
  });

  it.each([
    ['restoreSource', null],
    ['removeArtifacts', 'rollBack'],
    ['clearDestination', 'rollBack'],
  ] as const)('%s: stops there for an operator; the server is told %s', (undo, settlement) => {
    const answer = (call: StepName | UndoName): Turn =>
      call === 'migrateGuest' || call === undo ? { told: 'failed', effect: 'none' } : WENT_WELL;
    const { end, world } = runSaga(answer, ACTIONS_MAX);
    expect(end).toMatchObject({ phase: 'needsOperator', stoppedAt: undo });
    expect(world.calls.filter((call) => call === undo)).toHaveLength(ATTEMPTS_MAX);
    expect(settlementOf(end)).toBe(settlement);
  });
});

describe('a process that dies in the same call every time', () => {
  const names = [
    ...SAGA_STEPS.map(({ name }) => name),
    'restoreSource',
    'removeArtifacts',
    'clearDestination',
  ] as const;
  it.each(names)('%s: ends all the same', (name) => {
    const answer = (call: StepName | UndoName): Turn => {
      if (call === name) return { told: 'crashed', effect: 'none' };
      return name === 'restoreSource' || name === 'removeArtifacts' || name === 'clearDestination'
        ? {
            told: call === 'migrateGuest' ? 'failed' : 'succeeded',
            effect: call === 'migrateGuest' ? 'none' : 'stands',
          }
        : WENT_WELL;
    };
    const { end } = runSaga(answer, ACTIONS_MAX);
    expect(ENDS.has(end.phase)).toBe(true);
  });
});
