import type { HostName } from '../domain/shared/ids.ts';

/** This process's right to act on the outside, next to other processes on the same event store. */
export interface WorkLease {
  /** Names this run of the process; a restarted one has another name. */
  readonly runner: string;
  /** True while this process chooses the hosts of new servers, and looks after those that are on none. */
  readonly schedules: boolean;
  /**
   * To be awaited right before each effect on the outside. Resolves while nobody else can have taken this process's work
   * over. Throws LeaseLost when somebody has, and StoreUnavailable when nobody can say.
   */
  confirm(): Promise<void>;
  /** True only when that process certainly has no right to act any more, and never will again. */
  isGone(runner: string): Promise<boolean>;
  /** True when no process that may still act serves that host. */
  isAbandoned(host: HostName): Promise<boolean>;
}

/** Another process has taken over what this one did, because it had not been heard of for too long. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}
