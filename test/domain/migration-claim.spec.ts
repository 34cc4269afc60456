import { describe, expect, it } from 'vitest';
import { decideDriver, type ClaimCommand } from '../../domain/migration/decide-driver.ts';
import { decideSaga, type SagaCommand } from '../../domain/migration/decide-saga.ts';
import { evolveSaga } from '../../domain/migration/evolve-saga.ts';
import { INITIAL_SAGA, type SagaState } from '../../domain/migration/saga-state.ts';
import { ACCEPT } from '../properties/saga-run.fixture.ts';

const { at } = ACCEPT;

const claim = (epoch: number, runner: string): ClaimCommand => ({ type: 'ClaimMigration', epoch, runner, at });
const start = (runner: string): SagaCommand => ({
  type: 'StartStep',
  step: 'selectDestination',
  attempt: 1,
  runner,
  at,
});
const accepted = decideSaga(INITIAL_SAGA, ACCEPT).reduce(evolveSaga, INITIAL_SAGA);

function told(state: SagaState, command: SagaCommand | ClaimCommand, epoch: number): SagaState {
  const decision = decideDriver(state, command, epoch);
  if (!decision.accepted) throw new Error(JSON.stringify(decision.refusal));
  return decision.events.reduce(evolveSaga, state);
}

const lost = (epoch: number) => ({ accepted: false, refusal: { reason: 'ClaimLost', epoch } });

describe('the claim of a migration', () => {
  it('has one driver after another, each of the next epoch', () => {
    const one = told(accepted, claim(1, 'one'), 1);
    expect(one).toMatchObject({ claim: { epoch: 1, runner: 'one' } });
    expect(decideDriver(one, claim(1, 'two'), 1)).toEqual(lost(1));
    expect(decideDriver(one, claim(3, 'two'), 3)).toEqual(lost(1));
    expect(told(one, claim(2, 'two'), 2)).toMatchObject({ claim: { epoch: 2, runner: 'two' } });
  });

  it('lets nobody be heard but the newest driver, whatever he tells', () => {
    expect(decideDriver(accepted, start('one'), 1)).toEqual(lost(0));
    const one = told(told(accepted, claim(1, 'one'), 1), start('one'), 1);
    const two = told(one, claim(2, 'two'), 2);
    const late = { type: 'RecordStepFailure', step: 'selectDestination', reason: 'late', checks: [], at } as const;
    expect(decideDriver(one, late, 1)).toMatchObject({ accepted: true, events: [{ type: 'StepFailed' }] });
    expect(decideDriver(two, late, 1)).toEqual(lost(2));
    expect(decideDriver(two, late, 2)).toMatchObject({ accepted: true, events: [{ type: 'StepFailed' }] });
  });

  it('is over when the migration has ended; one that stops for an operator has no driver, and keeps its epoch', () => {
    const forward = told(accepted, claim(1, 'one'), 1);
    if (forward.phase !== 'forward') throw new Error(forward.phase);
    const ended: SagaState = { ...forward, phase: 'completed' };
    expect(decideDriver(ended, claim(2, 'two'), 2)).toEqual(lost(1));
    const last = { ...forward, stepIndex: 6, starts: 20, failures: 19, interrupted: true };
    const stopped = evolveSaga(last, { type: 'StepFailed', step: 'clearSource', reason: 'full', checks: [], at });
    expect(stopped).toMatchObject({ phase: 'needsOperator', claim: { epoch: 1, runner: null } });
    const resolved = evolveSaga(stopped, { type: 'OperatorResolved', resolution: 'retry', initiator: null, at });
    expect(told(resolved, claim(2, 'two'), 2)).toMatchObject({ phase: 'forward', claim: { epoch: 2, runner: 'two' } });
  });
});
