import { describe } from 'vitest';
import { MemoryEventStore } from '../../adapters/event-store/memory-event-store.ts';
import { eventStoreContract } from './event-store.contract.ts';

describe('MemoryEventStore', () => {
  eventStoreContract(async (clock) => new MemoryEventStore(clock));
});
