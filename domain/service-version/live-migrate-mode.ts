import { microversionAtLeast, type Microversion } from './microversion.ts';
import type { LiveMigrateFacts } from './live-migrate-admission.ts';

/** How a live migration is carried out, by the microversion that asked for it; recorded, since it is part of the request. */
export type LiveMigrateMode = {
  /** The named host is taken as it is: disabled or not, and when it cannot take the guest no other is tried. */
  readonly bypassesScheduler: boolean;
  /** The caller is answered only when a destination was found, or was not. */
  readonly checkedBeforeAnswer: boolean;
};

const SCHEDULER_VALIDATES_SINCE: Microversion = { major: 2, minor: 30 };
const ANSWERED_AT_ONCE_SINCE: Microversion = { major: 2, minor: 34 };

/** nova.md B.1 and B.3. `force` exists from 2.30 to 2.67 only. */
export function liveMigrateMode({
  microversion,
  requestedHost,
  force,
}: Pick<LiveMigrateFacts, 'microversion' | 'requestedHost' | 'force'>): LiveMigrateMode {
  return {
    bypassesScheduler:
      requestedHost !== null && (force || !microversionAtLeast(microversion, SCHEDULER_VALIDATES_SINCE)),
    checkedBeforeAnswer: !microversionAtLeast(microversion, ANSWERED_AT_ONCE_SINCE),
  };
}
