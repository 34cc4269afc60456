import type { Decision } from '../domain/shared/decision.ts';
import {
  StoreUnavailable,
  type AppendAnswer,
  type DomainEvent,
  type EventMetadata,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type StreamName,
} from './ports/event-store.ts';
import type { IdSource } from './ports/id-source.ts';

/** How often a decision is taken anew after somebody else wrote to the stream in between. */
export const CONFLICT_RETRIES_MAX = 10;
/** How often an append whose fate nobody knows is repeated, with the same ids. */
export const APPEND_REPEATS_MAX = 3;

/** What `handleCommand` needs to know of an aggregate: its two pure functions and where its history lies. */
export type Aggregate<State, Event extends DomainEvent, Command, Refusal> = {
  readonly initial: State;
  readonly evolve: (state: State, event: Event) => State;
  readonly decide: (state: State, command: Command) => Decision<Event, Refusal>;
  /** True for the events of this aggregate; others in its stream are a bug. */
  readonly owns: (event: DomainEvent) => event is Event;
};

export type CommandAnswer<State, Event, Refusal> =
  | {
      readonly accepted: true;
      readonly state: State;
      readonly events: readonly Event[];
      /** Of the last event written; 0 when nothing had to be written. */
      readonly position: number;
    }
  | { readonly accepted: false; readonly refusal: Refusal | { readonly reason: 'TooManyConflicts' } };

export type CommandDependencies = { readonly eventStore: EventStore; readonly ids: IdSource };

/**
 * Load, fold, decide, append; the only loop over conflicts. Throws StoreUnavailable when the log cannot be reached or
 * does not say whether it wrote. Called by every use case and by the runners.
 */
export async function handleCommand<State, Event extends DomainEvent, Command, Refusal>(
  { eventStore, ids }: CommandDependencies,
  aggregate: Aggregate<State, Event, Command, Refusal>,
  stream: StreamName,
  command: Command,
  metadata: EventMetadata,
): Promise<CommandAnswer<State, Event, Refusal>> {
  for (let retries = 0; retries <= CONFLICT_RETRIES_MAX; retries += 1) {
    const { state, revision } = await loadAggregate(eventStore, aggregate, stream);
    const decision = aggregate.decide(state, command);
    if (!decision.accepted) return { accepted: false, refusal: decision.refusal };
    const { events } = decision;
    if (events.length === 0) return { accepted: true, state, events, position: 0 };
    const newEvents = events.map((data) => ({ id: ids.uuid(), data, metadata }));
    const answer = await appendKnowing(eventStore, stream, revision, newEvents);
    if (answer.answer === 'appended') {
      return { accepted: true, state: events.reduce(aggregate.evolve, state), events, position: answer.position };
    }
    if (answer.answer !== 'conflict') throw new StoreUnavailable(answer.reason);
  }
  return { accepted: false, refusal: { reason: 'TooManyConflicts' } };
}

/**
 * For what a runner tells a server: a refusal by its state is an answer, but a command that lost to too many conflicts
 * was never heard. Throws StoreUnavailable then, so that the wake-up is tried again.
 */
export function refuseToForget(stream: StreamName, answer: CommandAnswer<unknown, unknown, { reason: string }>): void {
  if (answer.accepted || answer.refusal.reason !== 'TooManyConflicts') return;
  throw new StoreUnavailable(`${stream} is written to by too many at once`);
}

/** The aggregate's state after its whole history, and the revision an append has to expect. */
export async function loadAggregate<State, Event extends DomainEvent, Command, Refusal>(
  eventStore: EventStore,
  { initial, evolve, owns }: Aggregate<State, Event, Command, Refusal>,
  stream: StreamName,
): Promise<{ readonly state: State; readonly revision: ExpectedRevision }> {
  let state = initial;
  let revision: ExpectedRevision = 'none';
  for (const event of await eventStore.readStream(stream)) {
    if (!owns(event.data)) throw new Error(`loadAggregate: ${event.data.type} does not belong into ${stream}`);
    state = evolve(state, event.data);
    revision = event.revision;
  }
  return { state, revision };
}

async function appendKnowing(
  eventStore: EventStore,
  stream: StreamName,
  expected: ExpectedRevision,
  events: readonly NewEvent[],
): Promise<AppendAnswer> {
  let answer = await eventStore.append(stream, expected, events);
  for (let repeats = 0; answer.answer === 'unknown' && repeats < APPEND_REPEATS_MAX; repeats += 1) {
    answer = await eventStore.append(stream, expected, events);
  }
  return answer;
}
