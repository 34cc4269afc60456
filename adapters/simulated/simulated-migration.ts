import type { MigrationDescription, MigrationListener } from '../../application/ports/hypervisor-driver.ts';
import type { MigrationPhase, TransferFigures } from '../../domain/migration/saga-events.ts';
import type { HostName } from '../../domain/shared/ids.ts';
import { failed, succeeded, unknown, type Outcome } from '../../domain/shared/outcome.ts';
import type { SimulatedCloud } from './simulated-cloud.ts';
import type { SimulatedFaults } from './simulated-faults.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { closeBoth, closeDestination, type MigrationRun } from './simulated-migration-connections.ts';
import {
  abandonMigration,
  beginMigration,
  diskBytesOf,
  DOWNTIME_MS,
  finishMigration,
  memoryBytesOf,
  performMigration,
  prepareMigration,
  stillHandedOver,
} from './simulated-migration-phases.ts';

type Request = {
  readonly cloud: SimulatedCloud;
  readonly faults: SimulatedFaults;
  readonly clients: Set<() => void>;
  readonly source: SimulatedHost;
  readonly destination: HostName;
  readonly description: MigrationDescription;
  readonly listener: MigrationListener;
};

const UNKNOWN_FIGURES: TransferFigures = { downtimeMs: null, transferMs: null, memoryBytes: null, diskBytes: null };

/** Begin, Prepare, Perform, Finish, as a driver that owns the phases drives libvirt. Confirm is the caller's. */
export async function migrateGuest(request: Request): Promise<Outcome<TransferFigures>> {
  const { cloud, source, description, listener } = request;
  const { instanceId } = description.guest;
  if (request.destination === source.name) {
    return failed(`internal error: Attempt to migrate guest to the same host ${source.name}`);
  }
  const isFinishUnderWay = (): boolean => request.faults.isOnItsWay(source.name, 'migrateGuest:finished');
  const connections = { closed: false, isFinishUnderWay };
  const run: MigrationRun = {
    cloud,
    source,
    destination: cloud.host(request.destination),
    description,
    listener,
    connections,
  };
  // Somebody else's copy is at work and may succeed: `failed` would be a guess.
  if (source.jobs.has(instanceId)) return unknown('Timed out during operation: cannot acquire state change lock');
  if (hasLeft(run)) {
    // An earlier attempt may have ended well, and only the destination knows.
    if (!run.destination.reachable) return unknown('the destination does not answer, and the guest may run there');
    if (hasArrived(run)) return succeeded(UNKNOWN_FIGURES);
  }
  source.jobs.add(instanceId);
  const clientGone = (): void => closeBoth(run);
  request.clients.add(clientGone);
  try {
    return await runPhases(run, request.faults);
  } finally {
    // Of a client that is gone the job has ended already, and the next one may be another's.
    if (request.clients.delete(clientGone)) source.jobs.delete(instanceId);
  }
}

function hasLeft({ source, description }: MigrationRun): boolean {
  const guest = source.guests.get(description.guest.instanceId);
  return guest === undefined || guest.outgoing?.handedOver === true;
}

function hasArrived({ destination, description }: MigrationRun): boolean {
  return destination.guests.get(description.guest.instanceId)?.incoming === false;
}

async function runPhases(run: MigrationRun, faults: SimulatedFaults): Promise<Outcome<TransferFigures>> {
  const startedMs = run.cloud.nowMs();
  const phases: readonly (() => Promise<Outcome<unknown>>)[] = [
    () => faults.around(run.source.name, 'migrateGuest:begun', async () => beginMigration(run)),
    () => tell(run, 'begun'),
    () => faults.around(run.source.name, 'migrateGuest:prepared', async () => prepareMigration(run)),
    () => tell(run, 'prepared'),
    // Told before Perform: between its return and Finish the guest stands still, so nothing is written there.
    () => tell(run, 'performing'),
    () => faults.around(run.source.name, 'migrateGuest:performing', () => performMigration(run)),
    async () => stillHandedOver(run),
    () => faults.around(run.source.name, 'migrateGuest:finished', () => finishMigration(run)),
  ];
  for (const phase of phases) {
    const ended = await phase();
    if (run.connections.closed) return unknown('internal error: client socket is closed');
    if (ended.outcome === 'failed') return abandonMigration(run, ended.reason);
    if (ended.outcome === 'unknown') {
      closeDestination(run);
      return ended;
    }
  }
  return succeeded(figures(run, startedMs));
}

async function tell({ listener }: MigrationRun, phase: MigrationPhase): Promise<Outcome<null>> {
  try {
    await listener.phaseReached(phase);
    return succeeded(null);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return failed(`stopped at phase ${phase}: ${cause}`);
  }
}

function figures(run: MigrationRun, startedMs: number): TransferFigures {
  const { cloud, destination, description } = run;
  const guest = destination.guests.get(description.guest.instanceId);
  if (guest === undefined) return UNKNOWN_FIGURES;
  return {
    downtimeMs: DOWNTIME_MS,
    transferMs: cloud.nowMs() - startedMs,
    memoryBytes: memoryBytesOf(guest.definition),
    diskBytes: diskBytesOf(run, guest.definition),
  };
}
