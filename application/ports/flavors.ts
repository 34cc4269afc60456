import type { Flavor } from '../../domain/flavor/flavor.ts';

export type { Flavor };

/** The flavors that servers can be made of. */
export interface Flavors {
  find(id: string): Flavor | null;
  all(): readonly Flavor[];
}
