import { failed, succeeded, unknown, type Outcome } from '../../domain/shared/outcome.ts';
import { bootFiles, type SimulatedDefinition } from './simulated-definition.ts';
import { isOn, withoutMigration, type SimulatedGuest } from './simulated-guest.ts';
import {
  closeDestination,
  loseConnection,
  removeIncoming,
  type MigrationRun,
} from './simulated-migration-connections.ts';
import { directoryPath, filePath, MEBIBYTE, memoryFreeMiB, shareStorage } from './simulated-host.ts';
import { cannotStat, jobHeld, noSuchGuest, unreachable } from './simulated-host-access.ts';

const DISK_TICKS = 5;
const MEMORY_TICKS = 5;
const COPY_TICKS = DISK_TICKS + MEMORY_TICKS;
/** Of a guest that is made to stand still, as Nova's fake driver has it, little is left to copy. */
const FORCED_TICK_MS_MAX = 100;
/** How long neither host runs the guest. */
export const DOWNTIME_MS = 50;

/** Nova's live_migration_completion_timeout for the two GiB that it counts at least. */
const COMPLETION_TICKS_MAX = 16_000;

const UNTOUCHED = { handedOver: false, aborted: false, forced: false } as const;

const CANCELLED = 'operation aborted: migration out: canceled by client';

export const memoryBytesOf = (definition: SimulatedDefinition): number => definition.memoryMiB * MEBIBYTE;
/** What has to be copied of them. */
export const diskBytesOf = ({ source, destination }: MigrationRun, { disks }: SimulatedDefinition): number =>
  shareStorage(source, destination) ? 0 : disks.reduce((sum, disk) => sum + disk.capacityBytes, 0);

export function beginMigration(run: MigrationRun): Outcome<null> {
  const { cloud, source, description } = run;
  const { instanceId } = description.guest;
  if (!source.reachable) return unreachable(source);
  if (run.connections.closed) return failed(CANCELLED);
  if (leftBehind(run)) endOnBothHosts(run);
  const guest = source.guests.get(instanceId);
  if (guest === undefined || guest.incoming) return noSuchGuest(instanceId);
  if (guest.outgoing !== null) return jobHeld();
  if (guest.state !== 'running' && guest.state !== 'paused') return failed('operation failed: domain is not running');
  const outgoing = { migrationId: description.migrationId, stateBefore: guest.state, ...UNTOUCHED };
  cloud.putGuest(source, instanceId, { ...guest, outgoing }, 'migrationBegun');
  return succeeded(null);
}

/** An earlier attempt whose reply was lost; it can go only while the destination has never run the guest. */
function leftBehind({ source, destination, description }: MigrationRun): boolean {
  const { instanceId } = description.guest;
  const { outgoing } = source.guests.get(instanceId) ?? { outgoing: null };
  return outgoing !== null && destination.reachable && destination.guests.get(instanceId)?.incoming !== false;
}

export function prepareMigration(run: MigrationRun): Outcome<null> {
  const { cloud, destination, description } = run;
  const { instanceId, name } = description.guest;
  const guest = outgoingGuest(run);
  if (guest === null || run.connections.closed) return failed(CANCELLED);
  if (!destination.reachable) return unreachable(destination);
  if (destination.guests.has(instanceId)) {
    return failed(`operation failed: domain '${name}' already exists with uuid ${instanceId}`);
  }
  const files = destination.directories.get(instanceId)?.files;
  const missingBootFile = bootFiles(guest.definition).find((file) => files?.has(file) !== true);
  if (files === undefined || guest.definition.disks.some(({ file }) => !files.has(file))) {
    const path = directoryPath(instanceId);
    return failed(`Storage pool not found: no storage pool with matching target path '${path}'`);
  }
  if (missingBootFile !== undefined) return cannotStat(filePath(instanceId, missingBootFile));
  if (memoryFreeMiB(destination) < guest.definition.memoryMiB) {
    return failed('internal error: process exited while connecting to monitor: Cannot allocate memory');
  }
  const incoming: SimulatedGuest = {
    ...guest,
    state: 'paused',
    incoming: true,
    outgoing: null,
    persistent: false,
    // What is in its memory comes with the hand-over.
    bootId: null,
    bootedFrom: null,
    ranMs: 0,
    runningSinceMs: null,
  };
  cloud.putGuest(destination, instanceId, incoming, 'incomingCreated');
  return succeeded(null);
}

/**
 * Copies the disks, then the memory; ends with the guest standing still on the source. The memory of one that keeps
 * writing is never copied while it runs: then the copy goes on until it is forced, aborted, or has taken too long.
 */
export async function performMigration(run: MigrationRun): Promise<Outcome<null>> {
  for (let tick = 0; tick <= COMPLETION_TICKS_MAX; tick += 1) {
    const stopped = interruption(run);
    if (stopped !== null) return stopped;
    const guest = outgoingGuest(run);
    if (guest === null) return failed(CANCELLED);
    if (tick === DISK_TICKS) copyDisks(run, guest.definition);
    const converges = guest.state === 'paused' || !run.source.dirtying.has(run.description.guest.instanceId);
    const copied = converges ? tick : Math.min(tick, DISK_TICKS + MEMORY_TICKS - 1);
    run.listener.progressed(progressAt(run, guest.definition, Math.min(copied, DISK_TICKS + MEMORY_TICKS)));
    if (copied >= DISK_TICKS + MEMORY_TICKS) return handOver(run);
    const tickMs = run.cloud.copyMs / COPY_TICKS;
    await run.cloud.clock.sleep(guest.outgoing?.forced === true ? Math.min(tickMs, FORCED_TICK_MS_MAX) : tickMs);
  }
  return failed(CANCELLED);
}

/** Asked before Finish is sent: from then on nobody can stop it. */
export function stillHandedOver(run: MigrationRun): Outcome<null> {
  return outgoingGuest(run)?.outgoing?.handedOver === true ? succeeded(null) : failed(CANCELLED);
}

/** Looks only at the destination, as libvirt does: a Finish that lands late starts the guest whatever the source does. */
export async function finishMigration(run: MigrationRun): Promise<Outcome<null>> {
  const { cloud, source, destination, description } = run;
  const { instanceId } = description.guest;
  await cloud.clock.sleep(DOWNTIME_MS);
  if (!destination.reachable) {
    // Nobody waited for it any more, and it did not arrive: the end of the connection is what comes of it.
    if (run.connections.closed) loseConnection(run);
    // Whether the request arrived is not known, so neither is whether the guest runs there.
    return unknown('internal error: client socket is closed');
  }
  const incoming = destination.guests.get(instanceId);
  if (incoming?.incoming !== true || incoming.bootId === null) {
    return failed('operation failed: migration was cancelled on the destination');
  }
  const state = source.guests.get(instanceId)?.outgoing?.stateBefore ?? 'running';
  const arrived = cloud.inState({ ...incoming, incoming: false, persistent: true }, state);
  cloud.putGuest(destination, instanceId, arrived, 'takenOver');
  return destination.reachable ? succeeded(null) : unknown('internal error: client socket is closed');
}

/** Confirm with "cancelled": the incoming guest goes first, and only then may the source copy go on. */
export function abandonMigration(run: MigrationRun, reason: string): Outcome<never> {
  const { source } = run;
  closeDestination(run);
  const guest = outgoingGuest(run);
  // A daemon that has lost its client ends the job, but resumes nothing that stands still for the other host.
  if (guest !== null && (source.reachable || guest.outgoing?.handedOver !== true)) restoreCopy(run, guest);
  return source.reachable ? failed(reason) : unknown(reason);
}

function endOnBothHosts(run: MigrationRun): void {
  removeIncoming(run);
  const guest = run.source.guests.get(run.description.guest.instanceId);
  if (guest !== undefined) restoreCopy(run, guest);
}

function restoreCopy({ cloud, source, description }: MigrationRun, guest: SimulatedGuest): void {
  const restored = withoutMigration(guest, cloud.nowMs());
  cloud.putGuest(source, description.guest.instanceId, restored, 'migrationCancelled');
}

function outgoingGuest({ source, description }: MigrationRun): SimulatedGuest | null {
  const guest = source.guests.get(description.guest.instanceId);
  return guest?.outgoing?.migrationId === description.migrationId ? guest : null;
}

function interruption({ source, destination, description }: MigrationRun): Outcome<never> | null {
  const { instanceId } = description.guest;
  const guest = source.guests.get(instanceId);
  if (!source.reachable || !destination.reachable) return failed('internal error: client socket is closed');
  if (guest === undefined || !isOn(guest)) return failed('operation failed: domain is not running');
  if (guest.outgoing?.aborted === true) return failed(CANCELLED);
  if (destination.guests.get(instanceId)?.incoming !== true) {
    return failed('internal error: qemu unexpectedly closed the monitor');
  }
  const wrong = guest.definition.disks.find(({ file, capacityBytes }) => {
    return destination.directories.get(instanceId)?.files.get(file)?.capacityBytes !== capacityBytes;
  });
  if (wrong !== undefined) {
    return failed(
      `operation failed: migration of disk ${wrong.target} failed: Source and target image have different sizes`,
    );
  }
  if (!destination.diskFull || shareStorage(source, destination)) return null;
  return failed('operation failed: migration of disk vda failed: No space left on device');
}

function copyDisks({ cloud, source, destination, description }: MigrationRun, definition: SimulatedDefinition): void {
  const { instanceId } = description.guest;
  if (shareStorage(source, destination)) return;
  for (const { file } of definition.disks) {
    const original = source.directories.get(instanceId)?.files.get(file);
    if (original !== undefined) cloud.writeFile(destination, instanceId, file, original);
  }
}

function progressAt(run: MigrationRun, definition: SimulatedDefinition, tick: number) {
  const diskTotalBytes = diskBytesOf(run, definition);
  const memoryTotalBytes = memoryBytesOf(definition);
  const diskProcessedBytes = Math.floor((diskTotalBytes * Math.min(tick, DISK_TICKS)) / DISK_TICKS);
  const memoryProcessedBytes = Math.floor((memoryTotalBytes * Math.max(tick - DISK_TICKS, 0)) / MEMORY_TICKS);
  return {
    memoryTotalBytes,
    memoryProcessedBytes,
    memoryRemainingBytes: memoryTotalBytes - memoryProcessedBytes,
    diskTotalBytes,
    diskProcessedBytes,
    diskRemainingBytes: diskTotalBytes - diskProcessedBytes,
  };
}

function handOver(run: MigrationRun): Outcome<null> {
  const { cloud, source, destination, description } = run;
  const { instanceId } = description.guest;
  const guest = outgoingGuest(run);
  const incoming = destination.guests.get(instanceId);
  if (guest === null || guest.outgoing === null || incoming === undefined) return failed(CANCELLED);
  const standing = { ...cloud.inState(guest, 'paused'), outgoing: { ...guest.outgoing, handedOver: true } };
  cloud.putGuest(source, instanceId, standing, 'handedOver');
  const { bootId, bootedFrom, ranMs } = standing;
  cloud.putGuest(destination, instanceId, { ...incoming, bootId, bootedFrom, ranMs }, 'memoryReceived');
  return succeeded(null);
}
