import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { refuseLiveMigrate, type LiveMigrateFacts } from '../../domain/service-version/live-migrate-admission.ts';
import { hostName, instanceId, instant, serviceVersion } from '../../domain/shared/ids.ts';

const facts: fc.Arbitrary<LiveMigrateFacts> = fc.record({
  instanceId: fc.constant(instanceId('1c9d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5')),
  vmState: fc.constantFrom('building', 'active', 'paused', 'stopped', 'rescued', 'error', 'deleted'),
  taskState: fc.option(fc.constantFrom('migrating', 'rescuing', 'deleting'), { freq: 4 }),
  launchedAt: fc.constantFrom(instant('2026-03-01T08:30:00.000Z'), null),
  locked: fc.boolean(),
  callerIsAdmin: fc.boolean(),
  microversion: fc.record({ major: fc.constant(2), minor: fc.integer({ min: 1, max: 1200 }) }),
  minimumServiceVersion: fc.integer({ min: 0, max: 200 }).map(serviceVersion),
  requestedHost: fc.constantFrom(null, hostName('compute-b')),
  requestedHostKnown: fc.boolean(),
  force: fc.boolean(),
});

const admitted = (given: LiveMigrateFacts): boolean => refuseLiveMigrate(given) === null;
const reasonOf = (given: LiveMigrateFacts): string | null => refuseLiveMigrate(given)?.reason ?? null;

/** P1a, the table itself, is test/domain/live-migrate-admission.spec.ts. */
describe('the admission of a live migration', () => {
  it('P1b: is never taken back by a newer microversion or a newer fleet', () => {
    const raised = fc.record({ minor: fc.nat(1200), version: fc.nat(200) });
    fc.assert(
      fc.property(facts, raised, (given, { minor, version }) => {
        fc.pre(admitted(given));
        return admitted({
          ...given,
          microversion: { major: 2, minor: given.microversion.minor + minor },
          minimumServiceVersion: serviceVersion(given.minimumServiceVersion + version),
        });
      }),
      { numRuns: 500 },
    );
  });

  it('P1c: depends on either version for a rescued server only', () => {
    fc.assert(
      fc.property(facts, facts, (given, other) => {
        fc.pre(given.vmState !== 'rescued');
        const { microversion, minimumServiceVersion } = other;
        return reasonOf(given) === reasonOf({ ...given, microversion, minimumServiceVersion });
      }),
      { numRuns: 500 },
    );
  });

  it('is asked of the fleet only when nothing about the server itself forbids it', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const fleetIsNew = { ...given, minimumServiceVersion: serviceVersion(74) };
        if (reasonOf(given) !== 'ComputeServiceTooOld') return reasonOf(given) === reasonOf(fleetIsNew);
        return reasonOf(fleetIsNew) === null || reasonOf(fleetIsNew) === 'ComputeHostNotFound';
      }),
      { numRuns: 500 },
    );
  });
});
