import { describe, expect, it } from 'vitest';
import { MemoryCheckpointStore } from '../../adapters/event-store/memory-checkpoint-store.ts';
import { MemoryEventStore } from '../../adapters/event-store/memory-event-store.ts';
import { SUBSCRIPTION_PAGE_EVENTS } from '../../adapters/event-store/subscription.ts';
import { CONSUMER_CHECKPOINT_EVENTS, ConsumerStopped, followEvents } from '../../application/follow-events.ts';
import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import { EventUnreadable, type EventStore, type RecordedEvent } from '../../application/ports/event-store.ts';
import { newEvents, newStream, SetClock } from '../contracts/event-store.fixture.ts';

async function storeWith(count: number): Promise<MemoryEventStore> {
  const store = new MemoryEventStore(new SetClock());
  for (let left = count; left > 0; left -= 1000)
    await store.append(newStream(), 'none', newEvents(Math.min(left, 1000)));
  return store;
}

/** Remembers every position that was saved. */
class WitnessedCheckpoints implements CheckpointStore {
  readonly saved: number[] = [];
  load = () => Promise.resolve(this.saved.at(-1) ?? 0);
  save = async (_name: string, position: number) => void this.saved.push(position);
}

/** Follows until `count` events were handled. */
async function follow(
  eventStore: Pick<EventStore, 'subscribe'>,
  checkpoints: CheckpointStore,
  count: number,
): Promise<readonly number[]> {
  const stop = new AbortController();
  const seen: number[] = [];
  const handle = async ({ position }: RecordedEvent): Promise<void> => {
    seen.push(position);
    await Promise.resolve();
    if (seen.length === count) stop.abort();
  };
  await followEvents({ eventStore, checkpoints }, { name: 'consumer', handle }, stop.signal);
  return seen;
}

describe('followEvents', () => {
  it('gives what is recorded, then what comes, and goes on behind its checkpoint', async () => {
    const eventStore = await storeWith(3);
    const checkpoints = new MemoryCheckpointStore();
    const following = follow(eventStore, checkpoints, 5);
    await eventStore.append(newStream(), 'none', newEvents(3));
    expect(await following).toEqual([1, 2, 3, 4, 5]);
    expect(await checkpoints.load('consumer')).toBe(5);
    expect(await follow(eventStore, checkpoints, 1)).toEqual([6]);
    expect(await checkpoints.load('another')).toBe(0);
  });

  it('saves now and then while there is much to do, and at once when nothing more is there', async () => {
    const eventStore = await storeWith(CONSUMER_CHECKPOINT_EVENTS + 7);
    const checkpoints = new WitnessedCheckpoints();
    const saved = Promise.withResolvers<null>();
    const stop = new AbortController();
    const save = async (name: string, position: number): Promise<void> => {
      await checkpoints.save(name, position);
      if (checkpoints.saved.length === 2) saved.resolve(null);
    };
    const consumer = { name: 'consumer', handle: () => undefined };
    const following = followEvents(
      { eventStore, checkpoints: { load: checkpoints.load, save } },
      consumer,
      stop.signal,
    );
    await saved.promise;
    expect(checkpoints.saved).toEqual([CONSUMER_CHECKPOINT_EVENTS, CONSUMER_CHECKPOINT_EVENTS + 7]);
    stop.abort();
    await following;
    expect(checkpoints.saved).toHaveLength(2);
  });

  it('deals with one event at a time and reads no more ahead than a page', async () => {
    const store = await storeWith(SUBSCRIPTION_PAGE_EVENTS * 3);
    let given = 0;
    const subscribe: EventStore['subscribe'] = async function* (after, signal) {
      for await (const event of store.subscribe(after, signal)) {
        given += 1;
        yield event;
      }
    };
    const busy = Promise.withResolvers<null>();
    const stop = new AbortController();
    const started: number[] = [];
    const handle = async ({ position }: RecordedEvent): Promise<void> => {
      started.push(position);
      await busy.promise;
    };
    const checkpoints = new MemoryCheckpointStore();
    const following = followEvents({ eventStore: { subscribe }, checkpoints }, { name: 'slow', handle }, stop.signal);
    await new Promise((resolve) => void setImmediate(resolve));
    expect(started).toEqual([1]);
    expect(given).toBe(1);
    stop.abort();
    busy.resolve(null);
    await following;
    expect(await checkpoints.load('slow')).toBe(1);
  });

  it('stops at the event that its consumer cannot deal with, names it, and begins with it again', async () => {
    const eventStore = await storeWith(4);
    const checkpoints = new MemoryCheckpointStore();
    const handle = ({ position }: RecordedEvent): void => {
      if (position === 3) throw new Error('no such account');
    };
    const followed = followEvents(
      { eventStore, checkpoints },
      { name: 'billing', handle },
      new AbortController().signal,
    );
    await expect(followed).rejects.toThrow(ConsumerStopped);
    await expect(followed).rejects.toThrow(
      /^billing has stopped at InstanceScheduled at position 3 of instance-.*: no such account$/,
    );
    expect(await checkpoints.load('billing')).toBe(2);
  });

  it('ends with the event that cannot be read, and with its checkpoint before it', async () => {
    const store = await storeWith(2);
    const subscribe: EventStore['subscribe'] = async function* (after, signal) {
      for await (const event of store.subscribe(after, signal)) {
        if (event.position === 2) throw new EventUnreadable(2, 'upgrade this one');
        yield event;
      }
    };
    const checkpoints = new MemoryCheckpointStore();
    await expect(follow({ subscribe }, checkpoints, 9)).rejects.toThrow('upgrade this one');
    expect(await checkpoints.load('consumer')).toBe(1);
  });

  it('does not wait for an event when its checkpoint cannot be saved', async () => {
    const eventStore = await storeWith(1);
    const save = () => Promise.reject(new Error('disk full'));
    await expect(follow(eventStore, { load: () => Promise.resolve(0), save }, 9)).rejects.toThrow('disk full');
  });
});
