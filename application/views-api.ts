import { VIEW, viewStream } from './catalogue-aggregates.ts';
import { handleCommand, type CommandDependencies } from './handle-command.ts';
import type { Clock } from './ports/clock.ts';
import type { RequestContext } from './request-context.ts';
import type { ViewStatus } from './views/followed-view.ts';
import { isViewName } from './views/view-set.ts';
import type { Views } from './views/views.ts';
import type { ViewEvent } from '../domain/view/view-events.ts';

/** So many events are counted; a view that is further behind is told to be that far behind at least. */
export const LAG_EVENTS_MAX = 1000;

export type ViewReport = ViewStatus & {
  /** Stored and not yet shown; LAG_EVENTS_MAX stands for that many or more. */
  readonly eventsBehind: number;
  /** For how long the oldest of them has been stored; 0 when there is none. */
  readonly secondsBehind: number;
};

/** `eventId`: the operator has seen what is skipped, and nothing else is. */
export type ViewOperation =
  | { readonly operation: 'retry' }
  | { readonly operation: 'rebuild' }
  | { readonly operation: 'skip'; readonly eventId: string };

export type ViewRefusal =
  | { readonly reason: 'ViewUnknown' }
  | { readonly reason: 'ViewNotStopped' }
  /** It does not stand still at the event that was to be skipped. */
  | { readonly reason: 'ViewStoppedElsewhere'; readonly eventId: string }
  | { readonly reason: 'TooManyConflicts' };

type Dependencies = CommandDependencies & { readonly views: Views; readonly clock: Clock };

/** What an operator sees of this process's views, and asks of those of every process. */
export class ViewsApi {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Looks at the log for each. Throws StoreUnavailable. */
  async list(): Promise<readonly ViewReport[]> {
    const reports: ViewReport[] = [];
    for (const status of this.#dependencies.views.status()) {
      reports.push({ ...status, ...(await this.#lagBehind(status.position)) });
    }
    return reports;
  }

  async #lagBehind(position: number): Promise<Pick<ViewReport, 'eventsBehind' | 'secondsBehind'>> {
    const behind = await this.#dependencies.eventStore.readAll(position, LAG_EVENTS_MAX);
    const [oldest] = behind;
    if (oldest === undefined) return { eventsBehind: 0, secondsBehind: 0 };
    const milliseconds = Date.parse(this.#dependencies.clock.now()) - Date.parse(oldest.recordedAt);
    return { eventsBehind: behind.length, secondsBehind: Math.max(0, Math.round(milliseconds / 1000)) };
  }

  /** Records it; null, and every process that follows the log obeys. Throws StoreUnavailable. */
  async operate(context: RequestContext, name: string, operation: ViewOperation): Promise<ViewRefusal | null> {
    const status = this.#dependencies.views.status().find((view) => view.name === name);
    if (status === undefined || !isViewName(name)) return { reason: 'ViewUnknown' };
    const event = this.#eventFor(operation, status);
    if ('refused' in event) return event.refused;
    const { requestId, userId: actor } = context;
    const metadata = { correlationId: requestId, causationId: requestId, actor };
    const answer = await handleCommand(this.#dependencies, VIEW, viewStream(name), event, metadata);
    if (!answer.accepted) return answer.refusal;
    await this.#dependencies.views.reached(answer.position);
    return null;
  }

  #eventFor(operation: ViewOperation, { stop }: ViewStatus): ViewEvent | { readonly refused: ViewRefusal } {
    const at = this.#dependencies.clock.now();
    if (operation.operation === 'rebuild') return { type: 'ViewRebuildRequested', at };
    if (stop === null) return { refused: { reason: 'ViewNotStopped' } };
    if (operation.operation === 'retry') return { type: 'ViewRetryRequested', at };
    const { eventId, reason } = stop;
    if (operation.eventId !== eventId) return { refused: { reason: 'ViewStoppedElsewhere', eventId } };
    return { type: 'PoisonEventSkipped', eventId, reason, at };
  }
}
