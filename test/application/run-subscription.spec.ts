import { describe, expect, it } from 'vitest';
import { MemoryCheckpointStore } from '../../adapters/event-store/memory-checkpoint-store.ts';
import { MemoryEventStore } from '../../adapters/event-store/memory-event-store.ts';
import { SimulatedClock } from '../../adapters/simulated/simulated-clock.ts';
import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import type { RecordedEvent } from '../../application/ports/event-store.ts';
import { CHECKPOINT_EVERY_EVENTS, runSubscription } from '../../application/run-subscription.ts';
import { LOCKED } from '../domain/instance-histories.fixture.ts';
import { NumberedIdSource } from '../support/saga-world.ts';

const METADATA = { correlationId: 'request', causationId: 'request', actor: 'owner' };
const turn = () => new Promise((resolve) => void setImmediate(resolve));

/** A log of `events` events, and a subscription whose events end when they are told to. */
function subscribed(events: number, checkpoints: CheckpointStore = new MemoryCheckpointStore()) {
  const eventStore = new MemoryEventStore(new SimulatedClock());
  const ids = new NumberedIdSource();
  const append = async (count: number) => {
    const expected = (await eventStore.readAll(0, 10_000)).length;
    const added = Array.from({ length: count }, () => ({ id: ids.uuid(), data: LOCKED, metadata: METADATA }));
    await eventStore.append('instance-1', expected === 0 ? 'none' : expected - 1, added);
  };
  const start = (handles: (event: RecordedEvent) => boolean = () => true) => {
    const ending = new AbortController();
    const taken: number[] = [];
    const ends = new Map<number, () => void>();
    const handle = (event: RecordedEvent) => {
      taken.push(event.position);
      if (!handles(event)) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.set(event.position, resolve);
      return promise;
    };
    const running = runSubscription({ eventStore, checkpoints }, { name: 'test', handle }, ending.signal);
    const end = async (position: number) => {
      ends.get(position)?.();
      await turn();
    };
    return { taken, end, running, stop: () => ending.abort() };
  };
  return { append, start, checkpoints, ready: append(events) };
}

describe('the checkpoint of a subscription', () => {
  it('stays behind the oldest event that is not dealt with', async () => {
    const { start, checkpoints, ready } = subscribed(4);
    await ready;
    const { taken, end } = start();
    await turn();
    expect(taken).toEqual([1, 2, 3, 4]);
    await end(3);
    expect(await checkpoints.load('test')).toBe(0);
    await end(1);
    expect(await checkpoints.load('test')).toBe(1);
    await end(2);
    expect(await checkpoints.load('test')).toBe(3);
    await end(4);
    expect(await checkpoints.load('test')).toBe(4);
  });

  it('passes events that are nobody’s business with the next one that is, or after many', async () => {
    const { start, append, checkpoints, ready } = subscribed(3);
    await ready;
    const { end } = start(({ position }) => position === 2);
    await turn();
    expect(await checkpoints.load('test')).toBe(0);
    await end(2);
    expect(await checkpoints.load('test')).toBe(3);
    for (let added = 0; added < CHECKPOINT_EVERY_EVENTS; added += 500) await append(500);
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(await checkpoints.load('test')).toBe(3 + CHECKPOINT_EVERY_EVENTS);
  });

  it('that cannot be saved stops nothing', async () => {
    const broken: CheckpointStore = { load: async () => 0, save: () => Promise.reject(new Error('disk full')) };
    const { start, append, ready } = subscribed(2, broken);
    await ready;
    const { taken, end } = start(({ position }) => position === 1);
    await turn();
    await end(1);
    await append(999);
    await append(999);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(taken).toHaveLength(2000);
  });
});

describe('a subscription that starts again', () => {
  it('is told what was not dealt with, and nothing that was', async () => {
    const { start, ready } = subscribed(3);
    await ready;
    const first = start();
    await turn();
    await first.end(1);
    await first.end(3);
    first.stop();
    await first.running;
    const second = start();
    await turn();
    expect(second.taken).toEqual([2, 3]);
  });

  it('is told again what ended only because the process was stopped', async () => {
    const { start, ready } = subscribed(2);
    await ready;
    const first = start();
    await turn();
    first.stop();
    // As a handler does that gives up at the signal.
    await first.end(1);
    await first.end(2);
    await first.running;
    const second = start();
    await turn();
    expect(second.taken).toEqual([1, 2]);
  });

  it('takes up what is appended later, until it is stopped', async () => {
    const { start, append, ready } = subscribed(1);
    await ready;
    const { taken, stop, running } = start();
    await turn();
    await append(1);
    await turn();
    expect(taken).toEqual([1, 2]);
    stop();
    await running;
    await append(1);
    await turn();
    expect(taken).toEqual([1, 2]);
  });
});
