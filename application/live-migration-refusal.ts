import type { MigrationLeverRefusal } from '../domain/instance/migration-lever-check.ts';
import type { MigrationStatus } from '../domain/migration/migration-status.ts';

/** Why an operator's lever on a live migration is refused; the HTTP API says it (Nova: abort and force-complete of a live migration). */
export type LiveMigrationRefusal =
  | MigrationLeverRefusal
  | { readonly reason: 'InstanceNotFound' }
  | { readonly reason: 'TooManyConflicts' }
  /** The migration as the client named it. */
  | { readonly reason: 'MigrationToAbortNotFound' | 'MigrationToForceNotFound'; readonly migration: string }
  | {
      readonly reason: 'MigrationNotAbortable' | 'MigrationNotRunning';
      readonly migration: string;
      readonly status: MigrationStatus;
    };
