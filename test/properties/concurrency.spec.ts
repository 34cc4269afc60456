import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryEventStore } from '../../adapters/event-store/memory-event-store.ts';
import { SimulatedClock } from '../../adapters/simulated/simulated-clock.ts';
import { INSTANCE, instanceStream } from '../../application/aggregates.ts';
import { handleCommand } from '../../application/handle-command.ts';
import type { DomainEvent } from '../../application/ports/event-store.ts';
import type { InstanceCommand, LiveMigrate } from '../../domain/instance/instance-commands.ts';
import { migrationId } from '../../domain/shared/ids.ts';
import { HISTORY, LIVE_MIGRATE, OWNER, SERVER } from '../domain/instance-histories.fixture.ts';
import { NumberedIdSource } from '../support/saga-world.ts';
import { scheduledEventStore } from '../support/scheduled-event-store.ts';

const METADATA = { correlationId: 'request', causationId: 'request', actor: 'owner' };
const STREAM = instanceStream(SERVER);
const liveMigrate = (digit: number): LiveMigrate => ({
  ...LIVE_MIGRATE,
  migrationId: migrationId(`00000000-0000-4000-8000-00000000000${digit}`),
});

async function rescuedServer() {
  const store = new MemoryEventStore(new SimulatedClock());
  const ids = new NumberedIdSource();
  const events = HISTORY.rescued.map((data) => ({ id: ids.uuid(), data, metadata: METADATA }));
  await store.append(STREAM, 'none', events);
  const recorded = async (): Promise<readonly DomainEvent[]> =>
    (await store.readStream(STREAM)).slice(events.length).map(({ data }) => data);
  return { store, ids, recorded };
}

/** What the commands were answered, and what the log then holds. */
type Ended = { readonly answers: readonly object[]; readonly recorded: readonly DomainEvent[] };

async function atOnce(scheduler: fc.Scheduler, commands: readonly InstanceCommand[]): Promise<Ended> {
  const { store, ids, recorded } = await rescuedServer();
  const eventStore = scheduledEventStore(store, scheduler);
  const calls = commands.map((command) => handleCommand({ eventStore, ids }, INSTANCE, STREAM, command, METADATA));
  const answers = await scheduler.waitFor(Promise.all(calls));
  return { answers: answers.map(told), recorded: await recorded() };
}

async function oneByOne(commands: readonly InstanceCommand[]): Promise<Ended> {
  const { store, ids, recorded } = await rescuedServer();
  const answers: object[] = [];
  for (const command of commands) {
    answers.push(told(await handleCommand({ eventStore: store, ids }, INSTANCE, STREAM, command, METADATA)));
  }
  return { answers, recorded: await recorded() };
}

const told = (answer: Awaited<ReturnType<typeof handleCommand<unknown, DomainEvent, unknown, object>>>): object =>
  answer.accepted ? { events: answer.events } : { refusal: answer.refusal };

function permutations(places: readonly number[]): readonly (readonly number[])[] {
  if (places.length === 0) return [[]];
  return places.flatMap((first) =>
    permutations(places.filter((place) => place !== first)).map((rest) => [first, ...rest]),
  );
}

describe('concurrent commands to one server', () => {
  it('P6a: of several live migrations exactly one is accepted, the others meet its task', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 5 }), async (scheduler, count) => {
        const commands = Array.from({ length: count }, (_, index) => liveMigrate(index));
        const { answers, recorded } = await atOnce(scheduler, commands);
        const refusal = { reason: 'InvalidTaskState', action: 'os-migrateLive', taskState: 'migrating' };
        expect(answers.filter((answer) => 'events' in answer)).toEqual([{ events: recorded }]);
        expect(answers.filter((answer) => 'refusal' in answer)).toEqual(
          Array.from({ length: count - 1 }, () => ({ refusal })),
        );
        expect(recorded).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });

  it('P6b: the same live migration told several times at once is accepted each time and recorded once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, copies) => {
        const { answers, recorded } = await atOnce(
          scheduler,
          Array.from({ length: copies }, () => liveMigrate(1)),
        );
        expect(answers.every((answer) => 'events' in answer)).toBe(true);
        expect(recorded).toMatchObject([{ type: 'LiveMigrationRequested' }]);
      }),
      { numRuns: 100 },
    );
  });

  it('P6c: are answered and recorded as if one had come after another', async () => {
    const command = fc.constantFrom<InstanceCommand[]>(
      liveMigrate(1),
      liveMigrate(2),
      { type: 'Unrescue', ...OWNER },
      { type: 'Delete', ...OWNER },
      { type: 'Lock', reason: null, ...OWNER },
      { type: 'ResetState', vmState: 'active', ...OWNER },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(command, { minLength: 2, maxLength: 4 }),
        async (scheduler, commands) => {
          const lived = await atOnce(scheduler, commands);
          const orders = permutations(commands.map((_, place) => place));
          const possible = await Promise.all(
            orders.map(async (order) => {
              const { answers, recorded } = await oneByOne(order.flatMap((place) => commands[place] ?? []));
              return { answers: commands.map((_, place) => answers[order.indexOf(place)]), recorded };
            }),
          );
          expect(possible).toContainEqual(lived);
        },
      ),
      { numRuns: 60 },
    );
  });
});
