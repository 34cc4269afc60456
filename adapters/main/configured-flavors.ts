import type { Flavor, Flavors } from '../../application/ports/flavors.ts';

/** The flavors of the configuration file. */
export class ConfiguredFlavors implements Flavors {
  readonly #flavors: ReadonlyMap<string, Flavor>;

  constructor(flavors: readonly Flavor[]) {
    this.#flavors = new Map(flavors.map((flavor) => [flavor.id, flavor]));
  }

  find(id: string): Flavor | null {
    return this.#flavors.get(id) ?? null;
  }

  all(): readonly Flavor[] {
    return [...this.#flavors.values()];
  }
}
