import { describe, expect, it } from 'vitest';
import { evolveInstance } from '../../domain/instance/evolve-instance.ts';
import type { InstanceEvent } from '../../domain/instance/instance-events.ts';
import { INITIAL_INSTANCE, type InstanceState } from '../../domain/instance/instance-state.ts';
import { nextInstanceEffect } from '../../domain/instance/next-instance-effect.ts';
import { DELETE_REQUESTED, HISTORY, RESET_TO_ACTIVE, SOURCE } from './instance-histories.fixture.ts';

const after = (events: readonly InstanceEvent[]): InstanceState =>
  events.reduce<InstanceState>(evolveInstance, INITIAL_INSTANCE);

describe('a state that is reset by hand', () => {
  it('does not take a delete back, whose guest may be gone already', () => {
    const reset = after([...HISTORY.rescued, DELETE_REQUESTED, RESET_TO_ACTIVE]);
    expect(reset).toMatchObject({ vmState: 'active', task: { task: 'delete' } });
    expect(nextInstanceEffect(reset)).toMatchObject({ effect: 'destroy', host: SOURCE });
  });

  it('ends every other task, as in Nova', () => {
    expect(after([...HISTORY.unrescuing, RESET_TO_ACTIVE])).toMatchObject({ vmState: 'active', task: null });
  });
});
