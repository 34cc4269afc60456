/** Two numbers, never text: as text 2.99 would be newer than 2.105. */
export type Microversion = { readonly major: number; readonly minor: number };

export const MINIMUM_MICROVERSION: Microversion = { major: 2, minor: 1 };

/** The first in which a rescued server may be live migrated. The number stands only here. */
export const LIVE_MIGRATE_RESCUED_MICROVERSION: Microversion = { major: 2, minor: 105 };

/** The newest one served. */
export const MAXIMUM_MICROVERSION: Microversion = LIVE_MIGRATE_RESCUED_MICROVERSION;

/** True when `version` has the behaviour that `required` introduced: microversions are one cumulative sequence. */
export function microversionAtLeast(version: Microversion, required: Microversion): boolean {
  return version.major === required.major ? version.minor >= required.minor : version.major > required.major;
}
