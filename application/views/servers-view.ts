import { evolveInstance } from '../../domain/instance/evolve-instance.ts';
import { INITIAL_INSTANCE, type InstanceState } from '../../domain/instance/instance-state.ts';
import type { InstanceId, ServerGroupId } from '../../domain/shared/ids.ts';
import { isInstanceEvent } from '../aggregates.ts';
import type { RecordedEvent } from '../ports/event-store.ts';

export type ServerRow = Exclude<InstanceState, { readonly existence: 'absent' }>;

/** Every server as its events tell it, deleted ones included. */
export class ServersView {
  readonly #rows = new Map<string, ServerRow>();

  project({ stream, data }: RecordedEvent): void {
    if (!isInstanceEvent(data)) return;
    const state = evolveInstance(this.#rows.get(stream) ?? INITIAL_INSTANCE, data);
    if (state.existence !== 'absent') this.#rows.set(stream, state);
  }

  find(instanceId: InstanceId): ServerRow | null {
    return this.#rows.get(`instance-${instanceId}`) ?? null;
  }

  /** The servers of a group that are still there. */
  membersOf(group: ServerGroupId): readonly ServerRow[] {
    return [...this.#rows.values()].filter(
      ({ existence, options }) => existence === 'present' && options.serverGroupId === group,
    );
  }

  /** In order of creation, oldest first. */
  all(): IterableIterator<ServerRow> {
    return this.#rows.values();
  }
}
