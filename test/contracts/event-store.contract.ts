import type { Clock } from '../../application/ports/clock.ts';
import type { EventStore } from '../../application/ports/event-store.ts';
import { appendContract } from './event-store-append.contract.ts';
import { readContract } from './event-store-read.contract.ts';
import { subscribeContract } from './event-store-subscribe.contract.ts';

/** Opens an empty store of its own for each test; the test closes it. */
export type OpenEmptyStore = (clock: Clock) => Promise<EventStore>;

/** What every EventStore must do. Called inside a `describe` by one spec for each store. */
export function eventStoreContract(open: OpenEmptyStore): void {
  appendContract(open);
  readContract(open);
  subscribeContract(open);
}
