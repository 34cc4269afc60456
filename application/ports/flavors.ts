import type { FlavorSnapshot } from '../../domain/instance/instance-events.ts';

export type Flavor = FlavorSnapshot & {
  readonly description: string | null;
  readonly extraSpecs: Readonly<Record<string, string>>;
};

/** The flavors an operator has configured. */
export interface Flavors {
  find(id: string): Flavor | null;
  all(): readonly Flavor[];
}
