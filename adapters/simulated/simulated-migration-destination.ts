import type { MigrationDescription, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { diskFreeBytes, directoryPath, isComing, memoryFreeMiB, type InstanceDirectory } from './simulated-host.ts';
import { guestOn, noSuchGuest, type SimulatedHostAccess } from './simulated-host-access.ts';

/** Refusals in Nova's words: an operator reads them in the instance action. */
export function checkDestination(
  access: SimulatedHostAccess,
  description: MigrationDescription,
  source: SourceFacts,
): Outcome<null> {
  const { host } = access;
  const { instanceId } = description.guest;
  if (description.rescued && !host.supportsLiveMigrateRescued) {
    return failed(
      'Migration pre-check error: Live migration of rescued instances is not supported by the virt driver on destination host.',
    );
  }
  if (host.guests.has(instanceId)) return alreadyThere(description);
  const memoryFree = memoryFreeMiB(host);
  if (memoryFree < source.memoryMiB) {
    return failed(
      `Migration pre-check error: Unable to migrate ${instanceId} to ${host.name}: Lack of memory(host:${memoryFree} <= instance:${source.memoryMiB})`,
    );
  }
  const diskFree = diskFreeBytes(host);
  const diskNeeded = source.disks.reduce((sum, disk) => sum + disk.capacityBytes, 0);
  if (diskFree < diskNeeded) {
    return failed(
      `Migration pre-check error: Unable to migrate ${instanceId}: Disk of instance is too large(available on destination host:${diskFree} < need:${diskNeeded})`,
    );
  }
  return succeeded(null);
}

export function prepareDestination(
  { cloud, host }: SimulatedHostAccess,
  description: MigrationDescription,
  source: SourceFacts,
): Outcome<null> {
  const { instanceId } = description.guest;
  // A preparation that lands late must not touch the disks of a guest that has arrived.
  if (host.guests.get(instanceId)?.incoming === false) return alreadyThere(description);
  const standing = host.directories.get(instanceId);
  if (source.sharedDirectory) return expectGuest(standing, description);
  if (standing !== undefined && standing.ownerMigration !== description.migrationId) {
    return failed(
      `DestinationDiskExists: The supplied disk path (${directoryPath(instanceId)}) already exists, it is expected not to exist.`,
    );
  }
  if (standing === undefined) cloud.createDirectory(host, instanceId, description.migrationId);
  for (const disk of source.disks) {
    const existing = host.directories.get(instanceId)?.files.get(disk.fileName);
    if (existing?.capacityBytes === disk.capacityBytes) continue;
    // Sparse, so even a full disk takes it; the copy is what fails then.
    const empty = { content: new Uint8Array(), capacityBytes: disk.capacityBytes };
    cloud.writeFile(host, instanceId, disk.fileName, empty);
  }
  return succeeded(null);
}

/** Nothing is made in a directory that the source has too. */
function expectGuest(
  standing: InstanceDirectory | undefined,
  { migrationId, guest }: MigrationDescription,
): Outcome<null> {
  if (standing === undefined) return failed(`${directoryPath(guest.instanceId)} does not exist`);
  standing.arriving.add(migrationId);
  return succeeded(null);
}

/** Leaves a directory of another migration, or of a server that lives here, alone: this migration has not made it. */
export function clearDestination(
  { cloud, host }: SimulatedHostAccess,
  description: MigrationDescription,
): Outcome<null> {
  const { instanceId } = description.guest;
  const guest = host.guests.get(instanceId);
  const directory = host.directories.get(instanceId);
  const isOurs = directory !== undefined && isComing(directory, description.migrationId);
  if (guest !== undefined && !guest.incoming && !(guest.state === 'crashed' && isOurs)) {
    return failed(`Requested operation is not valid: domain ${instanceId} is defined on ${host.name}`);
  }
  if (!isOurs) return succeeded(null);
  cloud.removeGuest(host, instanceId);
  if (!directory.arriving.delete(description.migrationId)) cloud.removeDirectory(host, instanceId);
  return succeeded(null);
}

export function adoptAtDestination(access: SimulatedHostAccess, description: MigrationDescription): Outcome<null> {
  const { cloud, host } = access;
  const { instanceId } = description.guest;
  const guest = guestOn(access, instanceId);
  if (guest === null) return noSuchGuest(instanceId);
  // One that has ended since it arrived lives here all the same.
  if (guest.incoming) return failed('operation failed: domain is not running');
  if (!guest.persistent) cloud.putGuest(host, instanceId, { ...guest, persistent: true }, 'guestPersisted');
  const directory = host.directories.get(instanceId);
  if (directory?.ownerMigration === description.migrationId) directory.ownerMigration = null;
  directory?.arriving.delete(description.migrationId);
  return succeeded(null);
}

function alreadyThere({ guest: { name, instanceId } }: MigrationDescription): Outcome<never> {
  return failed(`operation failed: domain '${name}' already exists with uuid ${instanceId}`);
}
