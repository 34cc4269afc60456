import { withoutMigration } from './simulated-guest.ts';
import type { MigrationDescription, MigrationListener } from '../../application/ports/hypervisor-driver.ts';
import type { SimulatedCloud } from './simulated-cloud.ts';
import { isComing, type SimulatedHost } from './simulated-host.ts';

/** After so long a daemon gives up a client that it cannot hear: five times libvirt's keepalive interval. */
const KEEPALIVE_MS = 25_000;

/** The connections over which one migration is driven; what was begun over them ends with them. */
export type MigrationConnections = {
  /** Nothing that was asked over them and has not arrived yet is carried out any more. */
  closed: boolean;
  /** A Finish is on its way: it reaches the daemon before the end of the connection does. */
  readonly isFinishUnderWay: () => boolean;
};

/** One migration on the simulated hosts, as its phases see it. */
export type MigrationRun = {
  readonly cloud: SimulatedCloud;
  readonly source: SimulatedHost;
  readonly destination: SimulatedHost;
  readonly description: MigrationDescription;
  readonly listener: MigrationListener;
  readonly connections: MigrationConnections;
};

/** After any end but arrival the destination's connection goes, and the incoming guest with it. */
export function closeDestination(run: MigrationRun): void {
  if (run.connections.closed) return;
  run.connections.closed = true;
  if (!run.connections.isFinishUnderWay()) loseConnection(run);
}

/** What the daemon does that is left alone: at once, or when it has missed its client for long enough. */
export function loseConnection(run: MigrationRun): void {
  if (run.destination.reachable) removeIncoming(run);
  else void run.cloud.clock.sleep(KEEPALIVE_MS).then(() => removeIncoming(run));
}

/** The process that drove the migration is gone: the source ends the job, but resumes nothing that was handed over. */
export function closeBoth(run: MigrationRun): void {
  const { cloud, source, description } = run;
  const { instanceId } = description.guest;
  closeDestination(run);
  const guest = source.guests.get(instanceId);
  if (guest?.outgoing?.migrationId === description.migrationId && !guest.outgoing.handedOver) {
    cloud.putGuest(source, instanceId, withoutMigration(guest, cloud.nowMs()), 'migrationCancelled');
  }
  source.jobs.delete(instanceId);
}

/** Only this migration's own: later ones bring a directory of their own. */
export function removeIncoming({ cloud, destination, description }: MigrationRun): void {
  const { instanceId } = description.guest;
  const isOurs = isComing(destination.directories.get(instanceId), description.migrationId);
  if (destination.guests.get(instanceId)?.incoming !== true || !isOurs) return;
  cloud.removeGuest(destination, instanceId);
}
