/** How hard a migration may try, and when it has tried enough. Defaults are Nova's, where it has them. */
export type LiveMigrationSettings = {
  /** Nova's live_migration_completion_timeout: for each GiB of memory and disk, of which at least two count; 0: none. */
  readonly completionTimeoutSecondsPerGiB: number;
  /** What happens then; Nova's live_migration_timeout_action. */
  readonly completionTimeoutAction: 'abort' | 'forceComplete';
  /** Without a byte transferred for so long, the copy is aborted; 0: never. Nova had live_migration_progress_timeout. */
  readonly stallTimeoutSeconds: number;
  readonly permittedDowntime: PermittedDowntime;
  /** Not Nova's: docs/decisions/0017-emulated-guests-in-one-pass.md. */
  readonly emulatedGuestsInOnePass: boolean;
  readonly autoConverge: boolean;
  readonly postCopy: boolean;
  /** For memory and for disks; 0: no limit. */
  readonly bandwidthMiBps: number;
};

/** Nova's live_migration_downtime, live_migration_downtime_steps and live_migration_downtime_delay. */
export type PermittedDowntime = {
  readonly maxMs: number;
  readonly steps: number;
  readonly delaySecondsPerGiB: number;
};

export const DEFAULT_LIVE_MIGRATION: LiveMigrationSettings = {
  completionTimeoutSecondsPerGiB: 800,
  completionTimeoutAction: 'abort',
  stallTimeoutSeconds: 150,
  permittedDowntime: { maxMs: 500, steps: 10, delaySecondsPerGiB: 75 },
  emulatedGuestsInOnePass: true,
  autoConverge: false,
  postCopy: false,
  bandwidthMiBps: 0,
};
