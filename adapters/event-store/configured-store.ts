import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import type { EventStore } from '../../application/ports/event-store.ts';
import type { LatestValues } from '../../application/ports/latest-values.ts';
import { withoutPassword } from './eventstoredb-url.ts';

/** Closing the event store closes all. */
export type OpenedEventStore = {
  readonly eventStore: EventStore;
  readonly checkpointStore: CheckpointStore;
  readonly latestValues: LatestValues;
};

/** The URL as the operator wrote it, and the configuration key it stands under, which an error names. */
export type ConfiguredUrl = { readonly key: string; readonly url: string };

const FOUND_LENGTH_MAX = 200;

/** Errors end up in logs. */
export const shownUrl = (url: string): string => JSON.stringify(withoutPassword(url).slice(0, FOUND_LENGTH_MAX));
