import { randomUUID } from 'node:crypto';
import type { Clock } from '../../application/ports/clock.ts';
import type { NewEvent, RecordedEvent, StreamName } from '../../application/ports/event-store.ts';
import { hostName, type Instant, instant } from '../../domain/shared/ids.ts';

/** Shows what it was last set to. Nothing in an event store may sleep by it. */
export class SetClock implements Clock {
  time: Instant = instant('2026-03-01T08:30:00.000Z');

  now(): Instant {
    return this.time;
  }

  async sleep(): Promise<void> {
    throw new Error('an event store waits for files and processes, which know no simulated time');
  }
}

/** A fresh event; `host` tells one from the other. */
export const newEvent = (host = 'compute-1'): NewEvent => ({
  id: randomUUID(),
  data: { type: 'InstanceScheduled', host: hostName(host), at: instant('2026-03-01T08:30:00.000Z') },
  metadata: { correlationId: 'req-1', causationId: 'req-1', actor: 'a3f1c2d4' },
});

export const newEvents = (count: number): readonly NewEvent[] =>
  Array.from({ length: count }, (_, index) => newEvent(`compute-${index}`));

export const newStream = (): StreamName => `instance-${randomUUID()}`;

export const idsOf = (events: readonly { readonly id: string }[]): readonly string[] => events.map(({ id }) => id);

/** Reads a subscription until it has given `count` events. The test's own time limit is the deadline. */
export async function take(events: AsyncIterable<RecordedEvent>, count: number): Promise<readonly RecordedEvent[]> {
  const taken: RecordedEvent[] = [];
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}
