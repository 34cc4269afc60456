import {
  evolveServerGroup,
  INITIAL_SERVER_GROUP,
  type PresentServerGroup,
} from '../../domain/server-group/server-group.ts';
import type { ProjectId, ServerGroupId } from '../../domain/shared/ids.ts';
import { isServerGroupEvent, serverGroupStream } from '../catalogue-aggregates.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { rowsOf, textsOf } from './saved-rows.ts';
import type { View } from './view.ts';

type Saved = readonly [stream: string, PresentServerGroup];

/** Every project's server groups. Their members are told by the servers. */
export class ServerGroupsView implements View {
  readonly #rows = new Map<string, PresentServerGroup>();

  project({ stream, data }: RecordedEvent): void {
    if (!isServerGroupEvent(data)) return;
    const state = evolveServerGroup(INITIAL_SERVER_GROUP, data);
    if (state.existence === 'present') this.#rows.set(stream, state);
    else this.#rows.delete(stream);
  }

  save(): Iterable<string> {
    return textsOf([...this.#rows]);
  }

  restore(saved: Iterable<string>): void {
    for (const [stream, group] of rowsOf<Saved>(saved)) this.#rows.set(stream, group);
  }

  find(id: ServerGroupId): PresentServerGroup | null {
    return this.#rows.get(serverGroupStream(id)) ?? null;
  }

  /** In order of creation; `project` null: of all projects. */
  all(project: ProjectId | null): readonly PresentServerGroup[] {
    return [...this.#rows.values()].filter(({ initiator }) => project === null || initiator.projectId === project);
  }
}
