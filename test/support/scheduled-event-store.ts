import type { Scheduler } from 'fast-check';
import type { EventStore } from '../../application/ports/event-store.ts';

/** The log behind a network: the scheduler decides when each request arrives, and again when each answer does. */
export function scheduledEventStore(store: EventStore, scheduler: Scheduler): EventStore {
  const read = scheduler.scheduleFunction(store.readStream.bind(store));
  const append = scheduler.scheduleFunction(store.append.bind(store));
  const arrival = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label);
  return {
    readStream: async (stream, from) => {
      await arrival(`read ${stream}`);
      return from === undefined ? read(stream) : read(stream, from);
    },
    append: async (stream, expected, events) => {
      await arrival(`append to ${stream} at ${expected}`);
      return append(stream, expected, events);
    },
    readAll: store.readAll.bind(store),
    subscribe: store.subscribe.bind(store),
    close: store.close.bind(store),
  };
}
