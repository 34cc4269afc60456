import { expect, it } from 'vitest';
import { decideSaga, type SagaCommand } from '../../domain/migration/decide-saga.ts';
import { evolveSaga } from '../../domain/migration/evolve-saga.ts';
import { INITIAL_SAGA, type SagaState } from '../../domain/migration/saga-state.ts';
import { SAGA_STEPS } from '../../domain/migration/saga-steps.ts';
import { resultOf } from '../support/arbitraries.ts';
import { ACCEPT } from '../properties/saga-run.fixture.ts';

const { at } = ACCEPT;

const told = (state: SagaState, command: SagaCommand): SagaState =>
  decideSaga(state, command).reduce(evolveSaga, state);

it('hears no outcome of a step that nobody has begun, at any step', () => {
  let state = told(INITIAL_SAGA, ACCEPT);
  for (const { name: step } of SAGA_STEPS) {
    const success = { type: 'RecordStepSuccess', result: resultOf(step), at } as const;
    expect(decideSaga(state, success)).toEqual([]);
    expect(decideSaga(state, { type: 'RecordStepFailure', step, reason: 'late', checks: [], at })).toEqual([]);
    expect(decideSaga(state, { type: 'RecordStepUnknown', step, reason: 'late', at })).toEqual([]);
    state = told(told(state, { type: 'StartStep', step, attempt: 1, runner: 'one', at }), success);
  }
  expect(state.phase).toBe('completed');
});
