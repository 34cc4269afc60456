import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideInstance } from '../../domain/instance/decide-instance.ts';
import { evolveInstance } from '../../domain/instance/evolve-instance.ts';
import type { InstanceCommand } from '../../domain/instance/instance-commands.ts';
import type { InstanceEvent } from '../../domain/instance/instance-events.ts';
import { INITIAL_INSTANCE, type InstanceState } from '../../domain/instance/instance-state.ts';
import { nextInstanceEffect } from '../../domain/instance/next-instance-effect.ts';
import { evolveSaga } from '../../domain/migration/evolve-saga.ts';
import { ACTIONS_MAX } from '../../domain/migration/next-action.ts';
import { INITIAL_SAGA } from '../../domain/migration/saga-state.ts';
import { instanceCommand, script } from '../support/arbitraries.ts';
import { runSaga } from './saga-run.fixture.ts';

const RUNS = { numRuns: 300 };
const commands = fc.array(instanceCommand, { maxLength: 40, size: 'large' });

/** Frozen to the last leaf: whoever changes a state or an event throws. */
function deepFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFrozen(part);
  }
  return value;
}

/** What a store gives back: the same facts, and nothing of the objects they were. */
const stored = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

function live(told: readonly InstanceCommand[]) {
  const history: InstanceEvent[] = [];
  let state: InstanceState = deepFrozen(INITIAL_INSTANCE);
  for (const command of told) {
    const decision = decideInstance(state, deepFrozen(command));
    expect(decideInstance(state, command)).toEqual(decision);
    if (!decision.accepted) continue;
    for (const event of decision.events) {
      state = deepFrozen(evolveInstance(state, deepFrozen(event)));
      history.push(event);
    }
  }
  return { history, state };
}

describe('P3: a server’s history', () => {
  it('leads to the state that was lived through, from the beginning and from a snapshot at any cut', () => {
    fc.assert(
      fc.property(commands, fc.nat(), (told, place) => {
        const { history, state } = live(told);
        expect(stored(history).reduce(evolveInstance, INITIAL_INSTANCE)).toStrictEqual(state);
        const cut = place % (history.length + 1);
        const snapshot = stored(history.slice(0, cut).reduce(evolveInstance, INITIAL_INSTANCE));
        expect(stored(history).slice(cut).reduce(evolveInstance, snapshot)).toStrictEqual(state);
        expect(nextInstanceEffect(stored(state))).toEqual(nextInstanceEffect(state));
      }),
      RUNS,
    );
  });

  it('holds nothing that a command told twice in a row has added', () => {
    const idempotent: ReadonlySet<InstanceCommand['type']> = new Set([
      'LiveMigrate',
      'Lock',
      'Unlock',
      'Delete',
      'AdoptDestination',
      'CompleteLiveMigration',
      'RollBackLiveMigration',
    ]);
    fc.assert(
      fc.property(commands, instanceCommand, (told, command) => {
        fc.pre(idempotent.has(command.type));
        const { state } = live(told);
        const first = decideInstance(state, command);
        fc.pre(first.accepted);
        const after = first.accepted ? first.events.reduce(evolveInstance, state) : state;
        expect(decideInstance(after, command)).toEqual({ accepted: true, events: [] });
      }),
      RUNS,
    );
  });

  it('never leaves a server with something under way that nobody does, or with two tasks', () => {
    fc.assert(
      fc.property(commands, (told) => {
        const { state } = live(told);
        if (state.existence !== 'present' || state.task === null) return;
        const waitsForMigration = state.migration !== null;
        expect(nextInstanceEffect(state) !== null || waitsForMigration).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('P3: a migration’s history', () => {
  it('leads to the state that was lived through, from a snapshot at any cut', () => {
    fc.assert(
      fc.property(script, fc.nat(), (given, place) => {
        const { events, states, end } = runSaga(given, ACTIONS_MAX);
        deepFrozen([events, states]);
        expect(stored(events).reduce(evolveSaga, INITIAL_SAGA)).toStrictEqual(end);
        const cut = place % states.length;
        const snapshot = stored(states[cut] ?? INITIAL_SAGA);
        expect(stored(events).slice(cut).reduce(evolveSaga, snapshot)).toStrictEqual(end);
      }),
      RUNS,
    );
  });
});
