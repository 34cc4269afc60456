import { expect } from 'vitest';
import { decideInstance } from '../../domain/instance/decide-instance.ts';
import { evolveInstance } from '../../domain/instance/evolve-instance.ts';
import type { InstanceCommand, InstanceRefusal } from '../../domain/instance/instance-commands.ts';
import type { InstanceEvent } from '../../domain/instance/instance-events.ts';
import { INITIAL_INSTANCE, type InstanceState } from '../../domain/instance/instance-state.ts';
import { nextInstanceEffect } from '../../domain/instance/next-instance-effect.ts';
import type { ComputeServiceEvent } from '../../domain/service-version/compute-service-events.ts';
import {
  INITIAL_COMPUTE_SERVICE,
  type ComputeServiceState,
} from '../../domain/service-version/compute-service-state.ts';
import {
  decideComputeService,
  type ComputeServiceCommand,
  type ComputeServiceRefusal,
} from '../../domain/service-version/decide-compute-service.ts';
import { evolveComputeService } from '../../domain/service-version/evolve-compute-service.ts';
import type { Decision } from '../../domain/shared/decision.ts';

type Then<Event, Refusal> = {
  /** Accepted, and exactly these events are to be recorded; none: it was already carried out. */
  readonly thenEvents: (...events: readonly Event[]) => void;
  readonly thenRefused: (refusal: Refusal) => void;
};

type Decider<State, Event, Command, Refusal> = {
  readonly initial: State;
  readonly evolve: (state: State, event: Event) => State;
  readonly decide: (state: State, command: Command) => Decision<Event, Refusal>;
};

function given<State, Event, Command, Refusal>(
  { initial, evolve, decide }: Decider<State, Event, Command, Refusal>,
  history: readonly Event[],
) {
  const state = history.reduce(evolve, initial);
  return {
    when: (command: Command): Then<Event, Refusal> => {
      const decision = decide(state, command);
      return {
        thenEvents: (...events) => expect(decision).toEqual({ accepted: true, events }),
        thenRefused: (refusal) => expect(decision).toEqual({ accepted: false, refusal }),
      };
    },
    state,
  };
}

const INSTANCE = { initial: INITIAL_INSTANCE, evolve: evolveInstance, decide: decideInstance };
const COMPUTE_SERVICE = {
  initial: INITIAL_COMPUTE_SERVICE,
  evolve: evolveComputeService,
  decide: decideComputeService,
};

/** `givenInstance(events).when(command).thenEvents(events)` or `.thenRefused(refusal)`; `.nextEffect()` is what its runner does. */
export function givenInstance(...history: readonly InstanceEvent[]) {
  const { when, state } = given<InstanceState, InstanceEvent, InstanceCommand, InstanceRefusal>(INSTANCE, history);
  return { when, nextEffect: () => nextInstanceEffect(state) };
}

export function givenComputeService(...history: readonly ComputeServiceEvent[]) {
  const { when } = given<ComputeServiceState, ComputeServiceEvent, ComputeServiceCommand, ComputeServiceRefusal>(
    COMPUTE_SERVICE,
    history,
  );
  return { when };
}
