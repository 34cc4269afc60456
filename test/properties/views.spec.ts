import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INSTANCE } from '../../application/aggregates.ts';
import type { RecordedEvent } from '../../application/ports/event-store.ts';
import { Views } from '../../application/views/views.ts';
import type { InstanceEvent } from '../../domain/instance/instance-events.ts';
import type { InstanceState } from '../../domain/instance/instance-state.ts';
import type { SagaEvent } from '../../domain/migration/saga-events.ts';
import { log, SERVERS } from './histories.fixture.ts';

const RUNS = { numRuns: 150 };
/** At some places of the log the subscription starts again, some events earlier. */
const rewinds = fc.array(fc.record({ at: fc.nat(100), back: fc.nat(30) }), { maxLength: 5 });

function deliveries(
  events: readonly RecordedEvent[],
  restarts: readonly { readonly at: number; readonly back: number }[],
) {
  const waiting = [...restarts];
  const delivered: RecordedEvent[] = [];
  for (let place = 0; place < events.length; place += 1) {
    const event = events[place];
    if (event !== undefined) delivered.push(event);
    const index = waiting.findIndex(({ at }) => at === place);
    const [restart] = index === -1 ? [] : waiting.splice(index, 1);
    if (restart !== undefined) place = Math.max(-1, place - restart.back);
  }
  return delivered;
}

/** Everything that the API reads. */
function shown(views: Views) {
  return structuredClone({
    servers: [...views.servers.all()],
    migrations: [...views.migrations.all()],
    actions: SERVERS.map((id) => views.instanceActions.ofInstance(id)),
    ofInstances: SERVERS.map((id) => views.migrations.ofInstance(id).map(({ migrationId }) => migrationId)),
  });
}

function cleanPass(events: readonly RecordedEvent[]): Views {
  const views = new Views();
  for (const event of events) views.project(event);
  return views;
}

describe('the views', () => {
  it('P4a, P4b: show after each delivery what a clean pass over the furthest prefix shows', () => {
    fc.assert(
      fc.property(log, rewinds, (events, restarts) => {
        const views = new Views();
        let furthest = 0;
        let expected = shown(views);
        for (const event of deliveries(events, restarts)) {
          views.project(event);
          if (event.position > furthest) {
            furthest = event.position;
            expected = shown(cleanPass(events.slice(0, furthest)));
          }
          expect(shown(views)).toEqual(expected);
          expect(views.position).toBe(furthest);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('P4c: give a migration the status of the last thing that happened to it', () => {
    fc.assert(
      fc.property(log, (events) => {
        const views = cleanPass(events);
        const last = new Map<string, SagaEvent['type']>();
        for (const { stream, data } of events) {
          if (stream.startsWith('migrationSaga-'))
            last.set(stream.slice('migrationSaga-'.length), data.type as SagaEvent['type']);
        }
        for (const { migrationId, status, saga } of views.migrations.all()) {
          const event = last.get(migrationId);
          if (event === undefined || event === 'MigrationAccepted') expect(status).toBe('accepted');
          if (saga.phase === 'completed') expect([status, event]).toEqual(['completed', 'StepSucceeded']);
          if (status === 'failed') expect(saga.phase).toBe('rolledBack');
        }
      }),
      RUNS,
    );
  });

  it('show a server as its own events tell it, and one action for each thing that was asked of it', () => {
    fc.assert(
      fc.property(log, (events) => {
        const views = cleanPass(events);
        for (const id of SERVERS) {
          const own = events
            .filter(({ stream }) => stream === `instance-${id}`)
            .map(({ data }) => data as InstanceEvent);
          const state = own.reduce<InstanceState>(INSTANCE.evolve, INSTANCE.initial);
          expect(views.servers.find(id) ?? { existence: 'absent' }).toEqual(state);
          expect(views.instanceActions.ofInstance(id)).toHaveLength(own.filter((event) => 'initiator' in event).length);
          const asked = own.filter(({ type }) => type === 'LiveMigrationRequested').length;
          expect(views.migrations.ofInstance(id).length).toBe(asked);
        }
      }),
      RUNS,
    );
  });
});
