import { expect, it } from 'vitest';
import {
  failAfter,
  failBefore,
  hang,
  lateEffect,
  unknownAfter,
  unknownBefore,
  type Fault,
  type PhaseBoundary,
} from '../../adapters/simulated/simulated-faults.ts';
import { DESTINATION, SOURCE } from './simulated-pair.fixture.ts';
import { stagedMigration } from './simulated-migration.fixture.ts';

type Phase = 'begun' | 'prepared' | 'performing' | 'finished';
type Where = 'source' | 'nowhere' | 'destination';

const LATE_MS = 60_000;
const fault = {
  failBefore: failBefore('scripted'),
  failAfter: failAfter('scripted'),
  unknownBefore: unknownBefore(),
  unknownAfter: unknownAfter(),
  hang: hang(),
  lateEffect: lateEffect(LATE_MS),
} satisfies Record<string, Fault>;

/**
 * Fault at phase, the answer, where the guest runs then, and whether a guest waits on the destination: never, for what
 * Prepare has begun ends with the connection.
 */
const TABLE: readonly (readonly [keyof typeof fault, Phase, 'failed' | 'unknown', Where, boolean])[] = [
  ['failBefore', 'begun', 'failed', 'source', false],
  ['failAfter', 'begun', 'failed', 'source', false],
  ['unknownBefore', 'begun', 'unknown', 'source', false],
  ['unknownAfter', 'begun', 'unknown', 'source', false],
  ['hang', 'begun', 'unknown', 'source', false],
  ['lateEffect', 'begun', 'unknown', 'source', false],
  ['failBefore', 'prepared', 'failed', 'source', false],
  ['failAfter', 'prepared', 'failed', 'source', false],
  ['unknownBefore', 'prepared', 'unknown', 'source', false],
  ['unknownAfter', 'prepared', 'unknown', 'source', false],
  ['hang', 'prepared', 'unknown', 'source', false],
  ['lateEffect', 'prepared', 'unknown', 'source', false],
  ['failBefore', 'performing', 'failed', 'source', false],
  ['failAfter', 'performing', 'failed', 'source', false],
  ['unknownBefore', 'performing', 'unknown', 'source', false],
  ['unknownAfter', 'performing', 'unknown', 'nowhere', false],
  ['hang', 'performing', 'unknown', 'source', false],
  ['lateEffect', 'performing', 'unknown', 'source', false],
  ['failBefore', 'finished', 'failed', 'source', false],
  // The guest runs on the destination, so the port forbids to say "failed".
  ['failAfter', 'finished', 'unknown', 'destination', false],
  ['unknownBefore', 'finished', 'unknown', 'nowhere', false],
  ['unknownAfter', 'finished', 'unknown', 'destination', false],
  ['hang', 'finished', 'unknown', 'nowhere', false],
  ['lateEffect', 'finished', 'unknown', 'destination', false],
];
const HOSTS = { source: [SOURCE], nowhere: [], destination: [DESTINATION] };

it.each(TABLE)('%s at %s: %s, runs on %s, incoming %s; and it can be recovered', async (name, phase, ...expected) => {
  const [outcome, runs, incoming] = expected;
  const server = await stagedMigration();
  const boundary: PhaseBoundary = `migrateGuest:${phase}`;
  server.faults.next(SOURCE, boundary, fault[name]);
  expect(await server.migrate()).toMatchObject({ outcome });
  expect(server.faults.unmet()).toBe(0);
  expect(server.where()).toEqual({ running: HOSTS[runs], incoming });

  // Look at both hosts, then the destination decides: running there means forward, anything else means back.
  if (runs !== 'destination') {
    expect(await server.destination.clearDestination(server.migration)).toMatchObject({ outcome: 'succeeded' });
    expect(await server.source.restoreSource(server.migration)).toMatchObject({ outcome: 'succeeded' });
    expect(server.where()).toEqual({ running: [SOURCE], incoming: false });
    await server.prepare();
    expect(await server.migrate()).toMatchObject({ outcome: 'succeeded' });
  }
  expect(await server.source.confirmSource(server.migration)).toMatchObject({ outcome: 'succeeded' });
  expect(await server.destination.adoptAtDestination(server.migration)).toMatchObject({ outcome: 'succeeded' });
  expect(server.where()).toEqual({ running: [DESTINATION], incoming: false });
  expect(server.cloud.guest(DESTINATION, server.guest.instanceId)?.bootId).toBe(server.bootId);
  expect(server.cloud.mostRunningCopies(server.guest.instanceId)).toBe(1);
});
