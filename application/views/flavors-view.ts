import { evolveFlavor, INITIAL_FLAVOR, type FlavorState } from '../../domain/flavor/flavor.ts';
import { flavorStream, isFlavorEvent } from '../catalogue-aggregates.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { rowsOf, textsOf } from './saved-rows.ts';
import type { View } from './view.ts';

type Saved = readonly [stream: string, FlavorState];

/** The flavors that administrators have made, changed or deleted through the API. */
export class FlavorsView implements View {
  readonly #states = new Map<string, FlavorState>();

  project({ stream, data }: RecordedEvent): void {
    if (!isFlavorEvent(data)) return;
    this.#states.set(stream, evolveFlavor(this.#states.get(stream) ?? INITIAL_FLAVOR, data));
  }

  save(): Iterable<string> {
    return textsOf([...this.#states]);
  }

  restore(saved: Iterable<string>): void {
    for (const [stream, state] of rowsOf<Saved>(saved)) this.#states.set(stream, state);
  }

  /** `absent` for an id that the log does not know. */
  state(id: string): FlavorState {
    return this.#states.get(flavorStream(id)) ?? INITIAL_FLAVOR;
  }

  all(): readonly FlavorState[] {
    return [...this.#states.values()];
  }
}
