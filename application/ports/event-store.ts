import type { FlavorEvent } from '../../domain/flavor/flavor.ts';
import type { InstanceEvent } from '../../domain/instance/instance-events.ts';
import type { KeyPairEvent } from '../../domain/key-pair/key-pair.ts';
import type { SagaEvent } from '../../domain/migration/saga-events.ts';
import type { ServerGroupEvent } from '../../domain/server-group/server-group.ts';
import type { ComputeServiceEvent } from '../../domain/service-version/compute-service-events.ts';
import type { ViewEvent } from '../../domain/view/view-events.ts';

export type DomainEvent =
  InstanceEvent | SagaEvent | ComputeServiceEvent | KeyPairEvent | ServerGroupEvent | FlavorEvent | ViewEvent;

/**
 * `<category>-<id>`, split at the first `-`: `instance-<uuid>`, `migrationSaga-<uuid>`, `computeService-<host>`,
 * `keyPair-<user>/<name>`, `serverGroup-<uuid>`, `flavor-<id>`, `view-<name>`.
 * A category holds no `-` (EventStoreDB's by-category projection splits there).
 */
export type StreamName =
  `${'instance' | 'migrationSaga' | 'computeService' | 'keyPair' | 'serverGroup' | 'flavor' | 'view'}-${string}`;

export type EventMetadata = {
  /** Copied unchanged from cause to effect: everything that one request set off. */
  readonly correlationId: string;
  /** Id of the event, or of the request, that caused this one. */
  readonly causationId: string;
  /** Opaque user id, or the name of the component that acted by itself. */
  readonly actor: string;
};

/** `id` (a UUID) makes an append repeatable: the same ids at the same revision are the same append. */
export type NewEvent = { readonly id: string; readonly data: DomainEvent; readonly metadata: EventMetadata };

export type RecordedEvent = NewEvent & {
  readonly stream: StreamName;
  /** 0 for the first event of the stream. */
  readonly revision: number;
  /** Place in the whole log: rises, may have gaps, opaque but comparable. The first is greater than 0. */
  readonly position: number;
  /** When the store wrote it; ISO 8601, never earlier than the event before it. */
  readonly recordedAt: string;
};

/** Revision of the last event the caller has seen; `none`: the stream must not exist. */
export type ExpectedRevision = number | 'none';

export type AppendAnswer =
  | { readonly answer: 'appended'; readonly revision: number; readonly position: number }
  | { readonly answer: 'conflict'; readonly actual: ExpectedRevision }
  /** Not written, and a repeat will not help until somebody mends it (disk full, store closed, …). */
  | { readonly answer: 'unavailable'; readonly reason: string }
  /** Perhaps written. Repeat with the same ids and the same expected revision. */
  | { readonly answer: 'unknown'; readonly reason: string };

/**
 * The log. All of one append is written, or none of it. Reads throw `EventUnreadable` for an event that is corrupt or
 * from a newer version, and `StoreUnavailable` when the other side is gone.
 */
export interface EventStore {
  /** Appends 1 to `APPEND_EVENTS_MAX` events. Repeating an append (same ids, same place) answers `appended` again. */
  append(stream: StreamName, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendAnswer>;
  /** The events of one stream in order, from revision `from`; empty when there is no such stream. */
  readStream(stream: StreamName, from?: number): Promise<readonly RecordedEvent[]>;
  /** At most `limit` (1 to `READ_EVENTS_MAX`) events after `after`, in order of position; 0 starts at the beginning. */
  readAll(after: number, limit: number): Promise<readonly RecordedEvent[]>;
  /**
   * Everything after `after`, first what is stored, then what is appended, in order of position, each at least once,
   * also what other processes append. Ends when `signal` aborts. Pull-based: a slow reader holds nobody else up.
   */
  subscribe(after: number, signal: AbortSignal): AsyncIterable<RecordedEvent>;
  close(): Promise<void>;
}

export const APPEND_EVENTS_MAX = 1000;
export const READ_EVENTS_MAX = 10_000;

/** The log cannot be reached, or does not say whether it wrote. Whoever catches it tries the whole again later. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The reader cannot go on: skipping an event would make every later state a guess. */
export class EventUnreadable extends Error {
  override readonly name = 'EventUnreadable';
  readonly position: number;
  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}
