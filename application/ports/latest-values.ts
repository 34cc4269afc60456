import type { HostName, MigrationId } from '../../domain/shared/ids.ts';
import type { HostFacts, MigrationProgress } from './hypervisor-driver.ts';

/** What a process says of itself; a heartbeat is one more of these. Only the process itself ever writes `running`. */
export type ProcessValue = {
  /** `ended`: by itself, or by another process that has not heard of it for too long. There is no way back. */
  readonly state: 'running' | 'ended';
  /** Tells on the same machine whether it still exists; null where nobody can tell. */
  readonly identity: string | null;
  /** For operators: which command, on which machine. */
  readonly description: string;
  readonly progress: Readonly<Record<MigrationId, MigrationProgress>>;
};

/** Which process serves a host, and what it has last heard of it. */
export type HostValue = {
  readonly runner: string;
  /** Null: the hypervisor has not answered this process yet. */
  readonly facts: HostFacts | null;
  readonly movesCold: boolean;
  readonly storesImages: boolean;
};

/** Which process chooses hosts for new servers. */
export type SchedulerValue = { readonly runner: string };

export type LatestKey = `process-${string}` | `host-${HostName}` | 'scheduler';
export type LatestValueOf<Key extends LatestKey> = Key extends `process-${string}`
  ? ProcessValue
  : Key extends `host-${string}`
    ? HostValue
    : SchedulerValue;

/** `revision` changes with every write, also with one of the same value. */
export type Latest<Value> = { readonly revision: number; readonly value: Value };

/**
 * What only matters as it is now, and is no event: who lives, who serves what, how far a copy has come. Every process on
 * one event store sees the same. Both methods throw StoreUnavailable; a write may then have been done.
 */
export interface LatestValues {
  /** Null when nothing was ever written there. Always the newest that was written, by whomever. */
  read<Key extends LatestKey>(key: Key): Promise<Latest<LatestValueOf<Key>> | null>;
  /**
   * Replaces the value if it still is the one of that revision (null: if there is none). Answers the new revision, or
   * null when somebody else was faster.
   */
  write<Key extends LatestKey>(key: Key, value: LatestValueOf<Key>, expected: number | null): Promise<number | null>;
}
