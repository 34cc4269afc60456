import type {
  ComputeServiceState,
  RegisteredComputeService,
} from '../../domain/service-version/compute-service-state.ts';
import { INITIAL_COMPUTE_SERVICE } from '../../domain/service-version/compute-service-state.ts';
import { evolveComputeService } from '../../domain/service-version/evolve-compute-service.ts';
import { minimumServiceVersion } from '../../domain/service-version/minimum-service-version.ts';
import type { HostName, Instant, ServiceVersion } from '../../domain/shared/ids.ts';
import { isComputeServiceEvent } from '../aggregates.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { rowsOf, textsOf } from './saved-rows.ts';
import type { View } from './view.ts';

export type ComputeServiceRow = RegisteredComputeService & {
  /** The integer id that clients below microversion 2.53 see: the order of registration in the log. */
  readonly number: number;
  readonly createdAt: Instant;
};

type Entry = { readonly number: number; readonly createdAt: Instant; readonly state: ComputeServiceState };

type Saved = readonly [stream: string, Entry];

/** The fleet: one row for each host that has ever reported and is not retired. */
export class ComputeServicesView implements View {
  readonly #entries = new Map<string, Entry>();

  project({ stream, data }: RecordedEvent): void {
    if (!isComputeServiceEvent(data)) return;
    const before = this.#entries.get(stream) ?? this.#newEntry(data.at);
    this.#entries.set(stream, { ...before, state: evolveComputeService(before.state, data) });
  }

  #newEntry(createdAt: Instant): Entry {
    return { number: this.#entries.size + 1, createdAt, state: INITIAL_COMPUTE_SERVICE };
  }

  save(): Iterable<string> {
    return textsOf([...this.#entries]);
  }

  restore(saved: Iterable<string>): void {
    for (const [stream, entry] of rowsOf<Saved>(saved)) this.#entries.set(stream, entry);
  }

  find(host: HostName): ComputeServiceRow | null {
    const entry = this.#entries.get(`computeService-${host}`);
    return entry === undefined ? null : rowOf(entry);
  }

  all(): readonly ComputeServiceRow[] {
    return [...this.#entries.values()].map(rowOf).filter((row) => row !== null);
  }

  /** Read by every os-migrateLive, as fresh as the log this process has seen. */
  minimumVersion(): ServiceVersion {
    return minimumServiceVersion([...this.#entries.values()].map(({ state }) => state));
  }
}

function rowOf({ state, number, createdAt }: Entry): ComputeServiceRow | null {
  return state.existence === 'registered' ? { ...state, number, createdAt } : null;
}
