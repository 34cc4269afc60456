import type { Flavor, Flavors } from './ports/flavors.ts';
import type { Views } from './views/views.ts';

/** The configured flavors, and over them what administrators have changed through the API since. */
export class FlavorCatalogue implements Flavors {
  readonly #configured: Flavors;
  readonly #views: Pick<Views, 'flavors'>;

  constructor(configured: Flavors, views: Pick<Views, 'flavors'>) {
    this.#configured = configured;
    this.#views = views;
  }

  find(id: string): Flavor | null {
    const state = this.#views.flavors.state(id);
    if (state.existence === 'absent') return this.#configured.find(id);
    return state.existence === 'present' ? state.flavor : null;
  }

  /** By id, as Nova lists them. */
  all(): readonly Flavor[] {
    const { flavors } = this.#views;
    const configured = this.#configured.all().filter(({ id }) => flavors.state(id).existence === 'absent');
    const recorded = flavors.all().flatMap((state) => (state.existence === 'present' ? [state.flavor] : []));
    return [...configured, ...recorded].toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }
}
