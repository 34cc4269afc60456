import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isInstanceEvent } from '../../application/aggregates.ts';
import type { RecordedEvent } from '../../application/ports/event-store.ts';
import { Views } from '../../application/views/views.ts';
import { evolveInstance } from '../../domain/instance/evolve-instance.ts';
import { INITIAL_INSTANCE, type InstanceState } from '../../domain/instance/instance-state.ts';
import { readSnapshot } from '../support/read-snapshot.ts';
import { log } from './histories.fixture.ts';

const bytes = (views: Views): string => JSON.stringify(readSnapshot(views));

function fed(views: Views, events: readonly RecordedEvent[]): Views {
  for (const event of events) views.project(event);
  return views;
}

it('views from a snapshot are, byte for byte, what a replay makes, also after what comes behind it', () => {
  fc.assert(
    fc.property(log, fc.nat(), (events, place) => {
      fc.pre(events.length > 1);
      const cut = 1 + (place % (events.length - 1));
      const snapshot = readSnapshot(fed(new Views(), events.slice(0, cut)));
      const restored = new Views();
      restored.restore(snapshot);
      expect(restored.position).toBe(snapshot.last.position);
      fed(restored, events);
      const replayed = fed(new Views(), events);
      expect(bytes(restored)).toBe(bytes(replayed));
      for (const { instanceId } of replayed.servers.all()) {
        const actions = replayed.instanceActions.ofInstance(instanceId);
        expect(restored.instanceActions.ofInstance(instanceId)).toStrictEqual(actions);
      }
      for (const host of new Set([...replayed.servers.all()].flatMap((row) => row.host ?? []))) {
        expect(restored.servers.onHost(host)).toEqual(replayed.servers.onHost(host));
        expect(restored.servers.claimedMemoryMiB(host)).toBe(replayed.servers.claimedMemoryMiB(host));
      }
    }),
    { numRuns: 150 },
  );
});

it('a resize or a cold migration is told to begin where the server was, and with what it was made of', () => {
  fc.assert(
    fc.property(log, (events) => {
      const views = fed(new Views(), events);
      const servers = new Map<string, InstanceState>();
      const expected: object[] = [];
      for (const { stream, data } of events) {
        if (!isInstanceEvent(data)) continue;
        const before = servers.get(stream) ?? INITIAL_INSTANCE;
        servers.set(stream, evolveInstance(before, data));
        if (before.existence === 'absent') continue;
        if (data.type === 'ResizeRequested') {
          expected.push({ source: before.host, oldFlavorId: before.flavor.id, newFlavorId: data.flavor.id });
        }
        if (data.type === 'ColdMigrationRequested') {
          expected.push({ source: before.host, oldFlavorId: before.flavor.id, destination: data.destination });
        }
      }
      expect([...views.migrations.cold.all()]).toMatchObject(expected);
    }),
    { numRuns: 200 },
  );
});

it('the servers of a host are those that are there and say so', () => {
  fc.assert(
    fc.property(log, (events) => {
      const { servers } = fed(new Views(), events);
      const present = [...servers.all()].filter(({ existence }) => existence === 'present');
      for (const host of new Set(present.flatMap((row) => row.host ?? []))) {
        const on = present.filter((row) => row.host === host);
        expect(
          servers
            .onHost(host)
            .map(({ instanceId }) => instanceId)
            .toSorted(),
        ).toEqual(on.map(({ instanceId }) => instanceId).toSorted());
        expect(servers.claimedMemoryMiB(host)).toBe(on.reduce((sum, { flavor }) => sum + flavor.ramMiB, 0));
      }
    }),
    { numRuns: 100 },
  );
});
