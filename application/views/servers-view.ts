import { evolveInstance } from '../../domain/instance/evolve-instance.ts';
import { INITIAL_INSTANCE, type InstanceState } from '../../domain/instance/instance-state.ts';
import type { HostName, InstanceId, ServerGroupId } from '../../domain/shared/ids.ts';
import { isInstanceEvent } from '../aggregates.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { ServersByHost } from './servers-by-host.ts';

export type ServerRow = Exclude<InstanceState, { readonly existence: 'absent' }>;

/** Every server as its events tell it, deleted ones included. */
export class ServersView {
  readonly #rows = new Map<string, ServerRow>();
  readonly #byHost = new ServersByHost();

  project({ stream, data }: RecordedEvent): void {
    if (!isInstanceEvent(data)) return;
    const before = this.#rows.get(stream);
    const state = evolveInstance(before ?? INITIAL_INSTANCE, data);
    if (state.existence === 'absent' || state === before) return;
    this.#rows.set(stream, state);
    this.#byHost.put(before ?? null, state);
  }

  find(instanceId: InstanceId): ServerRow | null {
    return this.#rows.get(`instance-${instanceId}`) ?? null;
  }

  /** The servers that are there and on this host. */
  onHost(host: HostName): readonly ServerRow[] {
    return [...this.#byHost.on(host)];
  }

  /** What the servers on a host may use, whatever they use at the moment: the host must be able to keep its promise. */
  claimedMemoryMiB(host: HostName): number {
    return this.#byHost.claimedMemoryMiB(host);
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
