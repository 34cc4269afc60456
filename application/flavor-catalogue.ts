import type { Flavor, Flavors } from './ports/flavors.ts';
import type { FlavorsView } from './views/flavors-view.ts';

/** The configured flavors, and over them what administrators have changed through the API since. */
export class FlavorCatalogue implements Flavors {
  readonly #configured: Flavors;
  readonly #recorded: FlavorsView;

  constructor(configured: Flavors, { flavors }: { readonly flavors: FlavorsView }) {
    this.#configured = configured;
    this.#recorded = flavors;
  }

  find(id: string): Flavor | null {
    const state = this.#recorded.state(id);
    if (state.existence === 'absent') return this.#configured.find(id);
    return state.existence === 'present' ? state.flavor : null;
  }

  /** By id, as Nova lists them. */
  all(): readonly Flavor[] {
    const configured = this.#configured.all().filter(({ id }) => this.#recorded.state(id).existence === 'absent');
    const recorded = this.#recorded.all().flatMap((state) => (state.existence === 'present' ? [state.flavor] : []));
    return [...configured, ...recorded].toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }
}
