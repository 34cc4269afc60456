import type { Container } from 'inversify';
import { FleetWatch } from '../../application/fleet-watch.ts';
import { HostClaims } from '../../application/host-claims.ts';
import { ProcessLease, RENEWALS_PER_LEASE } from '../../application/process-lease.ts';
import { LinuxProcessWitness } from '../system/linux-process-witness.ts';
import { SystemMonotonicClock } from '../system/system-monotonic-clock.ts';
import type { Configuration } from './configuration.ts';
import { describeProcess, servedHosts, type ProcessRole } from './process-role.ts';
import { TOKENS } from './tokens.ts';

const MS_PER_SECOND = 1000;

/** Between two looks at what other processes have left, and at what their hosts say. */
export const lookIntervalMs = ({ leaseSeconds }: Configuration): number =>
  (leaseSeconds * MS_PER_SECOND) / RENEWALS_PER_LEASE;

/** Binds what keeps the processes on one event store apart. */
export function bindLease(container: Container, configuration: Configuration, role: ProcessRole): void {
  const wanted = servedHosts(configuration, role);
  container.bind(TOKENS.lease).toDynamicValue(
    (c) =>
      new ProcessLease({
        values: c.get(TOKENS.latestValues),
        clock: c.get(TOKENS.clock),
        monotonicClock: new SystemMonotonicClock(),
        witness: new LinuxProcessWitness(),
        progress: c.get(TOKENS.progress),
        log: c.get(TOKENS.log),
        runner: c.get(TOKENS.ids).uuid(),
        leaseMs: configuration.leaseSeconds * MS_PER_SECOND,
        description: describeProcess(role),
      }),
  );
  const shared = () => ({
    values: container.get(TOKENS.latestValues),
    lease: container.get(TOKENS.lease),
    hosts: container.get(TOKENS.hosts),
    log: container.get(TOKENS.log),
  });
  container.bind(TOKENS.claims).toDynamicValue(() => new HostClaims(shared(), wanted));
  container.bind(TOKENS.fleetWatch).toDynamicValue(
    (c) =>
      new FleetWatch({
        ...shared(),
        computeApi: c.get(TOKENS.computeApi),
        views: c.get(TOKENS.views),
        clock: c.get(TOKENS.clock),
        ids: c.get(TOKENS.ids),
        progress: c.get(TOKENS.progress),
        intervalMs: lookIntervalMs(configuration),
      }),
  );
}
