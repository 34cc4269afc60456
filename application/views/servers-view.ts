import { evolveInstance } from '../../domain/instance/evolve-instance.ts';
import { INITIAL_INSTANCE, type InstanceState } from '../../domain/instance/instance-state.ts';
import type { HostName, InstanceId, ServerGroupId } from '../../domain/shared/ids.ts';
import { isInstanceEvent } from '../aggregates.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { ServersByHost } from './servers-by-host.ts';
import { rowsOf, textsOf } from './saved-rows.ts';
import type { View } from './view.ts';

export type ServerRow = Exclude<InstanceState, { readonly existence: 'absent' }>;

/** Every server as its events tell it, deleted ones included. */
export class ServersView implements View {
  readonly #rows = new Map<string, ServerRow>();
  readonly #byHost = new ServersByHost<ServerRow>();
  /** The streams, in order of creation: a map cannot be read from its end. */
  readonly #streams: string[] = [];

  project({ stream, data }: RecordedEvent): void {
    if (!isInstanceEvent(data)) return;
    const before = this.#rows.get(stream);
    const state = evolveInstance(before ?? INITIAL_INSTANCE, data);
    if (state.existence === 'absent' || state === before) return;
    this.#put(stream, before ?? null, state);
  }

  #put(stream: string, before: ServerRow | null, after: ServerRow): void {
    if (before === null) this.#streams.push(stream);
    this.#rows.set(stream, after);
    this.#byHost.put(before, after);
  }

  find(instanceId: InstanceId): ServerRow | null {
    return this.#rows.get(`instance-${instanceId}`) ?? null;
  }

  /** The servers that are there and on this host, oldest first. */
  onHost(host: HostName): readonly ServerRow[] {
    return [...this.#byHost.on(host)].toSorted(byAge);
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

  save(): Iterable<string> {
    return textsOf([...this.#rows.values()]);
  }

  restore(saved: Iterable<string>): void {
    for (const row of rowsOf<ServerRow>(saved)) this.#put(`instance-${row.instanceId}`, null, row);
  }

  /** In order of creation, oldest first. */
  all(): IterableIterator<ServerRow> {
    return this.#rows.values();
  }

  /** The other way round. Whoever needs only some of them does not wait for the others. */
  *newestFirst(): Generator<ServerRow> {
    for (let place = this.#streams.length - 1; place >= 0; place -= 1) {
      const row = this.#rows.get(this.#streams[place] ?? '');
      if (row !== undefined) yield row;
    }
  }
}

/** Servers of one moment are told apart by their ids, so that the order does not depend on how they came here. */
function byAge(one: ServerRow, other: ServerRow): number {
  const [first, second] =
    one.createdAt === other.createdAt ? [one.instanceId, other.instanceId] : [one.createdAt, other.createdAt];
  return first < second ? -1 : 1;
}
