import { describe, expect, it } from 'vitest';
import { MemoryEventStore } from '../../adapters/event-store/memory-event-store.ts';
import { SimulatedClock } from '../../adapters/simulated/simulated-clock.ts';
import { INSTANCE, instanceStream } from '../../application/aggregates.ts';
import { APPEND_REPEATS_MAX, CONFLICT_RETRIES_MAX, handleCommand } from '../../application/handle-command.ts';
import { StoreUnavailable, type AppendAnswer, type EventStore } from '../../application/ports/event-store.ts';
import type { InstanceCommand } from '../../domain/instance/instance-commands.ts';
import {
  AT,
  BOOT_IMAGES,
  CREATE_REQUESTED,
  FLAVOR,
  LOCKED,
  OWNER,
  SERVER,
} from '../domain/instance-histories.fixture.ts';
import { NumberedIdSource } from '../support/saga-world.ts';

const METADATA = { correlationId: 'request', causationId: 'request', actor: 'owner' };
const STREAM = instanceStream(SERVER);
const LOCK: InstanceCommand = { type: 'Lock', reason: null, ...OWNER };
const CREATE: InstanceCommand = {
  type: 'CreateInstance',
  instanceId: SERVER,
  name: 'server',
  images: BOOT_IMAGES,
  flavor: FLAVOR,
  requestedHost: null,
  metadata: {},
  ...OWNER,
};

type Append = EventStore['append'];

/** A store whose appends go through `around`, and what it was asked to append. */
function storeWith(around: (append: Append, call: number) => Append) {
  const store = new MemoryEventStore(new SimulatedClock());
  const asked: Parameters<Append>[] = [];
  const append: Append = (...request) => {
    asked.push(request);
    return around(store.append.bind(store), asked.length)(...request);
  };
  const eventStore = new Proxy(store, {
    get: (target, key) => {
      if (key === 'append') return append;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (...args: unknown[]): unknown => Reflect.apply(value, target, args) : value;
    },
  });
  const ids = new NumberedIdSource();
  const handle = (command: InstanceCommand) => handleCommand({ eventStore, ids }, INSTANCE, STREAM, command, METADATA);
  return { store, asked, handle };
}

const answering =
  (answer: AppendAnswer): Append =>
  async () =>
    answer;
const CONFLICT = answering({ answer: 'conflict', actual: 7 });
const UNKNOWN = answering({ answer: 'unknown', reason: 'the connection broke' });

async function created(around: (append: Append, call: number) => Append) {
  const parts = storeWith(around);
  await parts.store.append(STREAM, 'none', [
    { id: 'ffffffff-0000-4000-8000-000000000000', data: CREATE_REQUESTED, metadata: METADATA },
  ]);
  return parts;
}

describe('a command', () => {
  it('is recorded after the history it was decided on, with what it was caused by', async () => {
    const { store, handle } = await created((append) => append);
    expect(await handle(LOCK)).toMatchObject({ accepted: true, events: [LOCKED], position: 2 });
    const [, recorded] = await store.readStream(STREAM);
    expect(recorded).toMatchObject({ data: LOCKED, metadata: METADATA, revision: 1 });
  });

  it('that was carried out already records nothing', async () => {
    const { asked, handle } = await created((append) => append);
    await handle(LOCK);
    expect(await handle(LOCK)).toMatchObject({ accepted: true, events: [], position: 0 });
    expect(asked).toHaveLength(1);
  });

  it('that is refused records nothing', async () => {
    const { asked, handle } = await created((append) => append);
    const refusal = { reason: 'InstanceAlreadyExists' };
    expect(await handle(CREATE)).toEqual({ accepted: false, refusal });
    expect(asked).toEqual([]);
  });

  it('is decided anew when somebody else wrote meanwhile', async () => {
    const { store, handle } = await created((append, call) =>
      call === 1
        ? async (stream, expected, events) => {
            await append(stream, expected, [
              { id: 'eeeeeeee-0000-4000-8000-000000000000', data: LOCKED, metadata: METADATA },
            ]);
            return append(stream, expected, events);
          }
        : append,
    );
    expect(await handle(LOCK)).toMatchObject({ accepted: true, events: [] });
    expect(await store.readStream(STREAM)).toHaveLength(2);
  });

  it('gives up after a bounded number of conflicts', async () => {
    const { asked, handle } = await created(() => CONFLICT);
    expect(await handle(LOCK)).toEqual({ accepted: false, refusal: { reason: 'TooManyConflicts' } });
    expect(asked).toHaveLength(CONFLICT_RETRIES_MAX + 1);
  });
});

describe('an append that nobody knows the fate of', () => {
  it.each([
    [
      'was written',
      1,
      (append: Append): Append =>
        async (...request) => {
          await append(...request);
          return UNKNOWN(...request);
        },
    ],
    ['was not written', 1, (): Append => UNKNOWN],
  ])('is repeated with the same ids: it %s', async (_name, lost, around) => {
    const { store, asked, handle } = await created((append, call) => (call <= lost ? around(append) : append));
    expect(await handle(LOCK)).toMatchObject({ accepted: true, events: [LOCKED], position: 2 });
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual(asked[0]);
    expect(await store.readStream(STREAM)).toHaveLength(2);
  });

  it('is not repeated for ever', async () => {
    const { asked, handle } = await created(() => UNKNOWN);
    await expect(handle(LOCK)).rejects.toThrow(StoreUnavailable);
    expect(asked).toHaveLength(APPEND_REPEATS_MAX + 1);
    expect(new Set(asked.map(([, , events]) => events[0]?.id)).size).toBe(1);
  });

  it('and then meets a conflict is decided anew', async () => {
    const { store, handle } = await created((append, call) => {
      if (call === 1) return UNKNOWN;
      return call === 2 ? CONFLICT : append;
    });
    expect(await handle(LOCK)).toMatchObject({ accepted: true, events: [LOCKED] });
    expect(await store.readStream(STREAM)).toHaveLength(2);
  });
});

describe('a store', () => {
  it('that is not there makes the command fail at once, with its reason', async () => {
    const { asked, handle } = await created(() => answering({ answer: 'unavailable', reason: 'disk full' }));
    await expect(handle(LOCK)).rejects.toThrow('disk full');
    expect(asked).toHaveLength(1);
  });

  it('that holds another aggregate’s event in the stream is corrupt', async () => {
    const { store, handle } = await created((append) => append);
    const data = { type: 'ComputeServiceCameUp', at: AT } as const;
    await store.append(STREAM, 0, [{ id: 'dddddddd-0000-4000-8000-000000000000', data, metadata: METADATA }]);
    await expect(handle(LOCK)).rejects.toThrow(`ComputeServiceCameUp does not belong into ${STREAM}`);
  });
});
