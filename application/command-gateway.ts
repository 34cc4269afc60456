import type { InstanceCommand } from '../domain/instance/instance-commands.ts';
import type { InstanceId } from '../domain/shared/ids.ts';
import { INSTANCE, instanceStream } from './aggregates.ts';
import type { Answer } from './compute-api-answer.ts';
import { handleCommand, type Aggregate } from './handle-command.ts';
import type { Clock } from './ports/clock.ts';
import { StoreUnavailable, type DomainEvent, type EventStore, type StreamName } from './ports/event-store.ts';
import type { IdSource } from './ports/id-source.ts';
import type { RequestContext } from './request-context.ts';
import type { Views } from './views/views.ts';

export type GatewayDependencies = {
  readonly eventStore: EventStore;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly views: Views;
};

type Told<Refusal> =
  | { readonly accepted: true; readonly value: null }
  | { readonly accepted: false; readonly refusal: Refusal | { readonly reason: 'TooManyConflicts' } };

/** Told to an aggregate on behalf of a caller, and answered when this process's views show what came of it. */
export class CommandGateway {
  readonly #dependencies: GatewayDependencies;

  constructor(dependencies: GatewayDependencies) {
    this.#dependencies = dependencies;
  }

  /** What every command of a caller carries. */
  asked({ requestId, userId, projectId, isAdmin }: RequestContext) {
    return { initiator: { requestId, userId, projectId }, callerIsAdmin: isAdmin, at: this.#dependencies.clock.now() };
  }

  instance(context: RequestContext, id: InstanceId, command: InstanceCommand): Promise<Answer<null>> {
    return this.tell(context, INSTANCE, instanceStream(id), command);
  }

  /** Throws StoreUnavailable when it was recorded and is not yet visible here, or cannot be recorded. */
  async tell<State, Event extends DomainEvent, Command, Refusal>(
    { requestId, userId }: RequestContext,
    aggregate: Aggregate<State, Event, Command, Refusal>,
    stream: StreamName,
    command: Command,
  ): Promise<Told<Refusal>> {
    const metadata = { correlationId: requestId, causationId: requestId, actor: userId };
    const answer = await handleCommand(this.#dependencies, aggregate, stream, command, metadata);
    if (!answer.accepted) return answer;
    if (await this.#dependencies.views.reached(answer.position)) return { accepted: true, value: null };
    throw new StoreUnavailable('The change was recorded, but this process does not see it yet; ask again later.');
  }
}
