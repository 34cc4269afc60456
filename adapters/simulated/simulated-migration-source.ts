import type { MigrationDescription, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { ARCHITECTURE, disksToCopy, MACHINE_TYPE } from './simulated-definition.ts';
import { isOn } from './simulated-guest.ts';
import { guestOn, noSuchGuest, type SimulatedHostAccess } from './simulated-host-access.ts';

export function checkSource(access: SimulatedHostAccess, description: MigrationDescription): Outcome<SourceFacts> {
  const { host } = access;
  const { instanceId } = description.guest;
  if (description.rescued && !host.supportsLiveMigrateRescued) {
    return failed(
      'Migration pre-check error: Live migration of rescued instances is not supported by the virt driver on source host.',
    );
  }
  if (description.blockMigration === false) {
    return failed(
      `${host.name} is not on shared storage: Shared storage live-migration requires either shared storage or boot-from-volume with no local disks.`,
    );
  }
  const guest = guestOn(access, instanceId);
  if (guest === null || guest.incoming) return noSuchGuest(instanceId);
  if (!isOn(guest)) {
    return failed(
      `Instance ${instanceId} in power_state ${guest.state}. Cannot live migrate while the instance is in this state.`,
    );
  }
  return succeeded({
    disks: disksToCopy(guest.definition),
    memoryMiB: guest.definition.memoryMiB,
    machineType: MACHINE_TYPE,
    architecture: ARCHITECTURE,
  });
}

/** Also clears a copy that crashed while it waited: its host lost power after the guest had moved on. */
export function confirmSource(
  access: SimulatedHostAccess,
  { guest: { instanceId } }: MigrationDescription,
): Outcome<null> {
  const guest = guestOn(access, instanceId);
  if (guest === null) return succeeded(null);
  if (guest.outgoing?.handedOver !== true) {
    return failed('Requested operation is not valid: domain is not waiting for the confirmation of a migration');
  }
  access.cloud.removeGuest(access.host, instanceId);
  return succeeded(null);
}

/** Ends the migration in whatever phase it is: a copy at work stops at its next tick, a handed-over guest resumes. */
export function restoreSource(
  { cloud, host }: SimulatedHostAccess,
  { guest: { instanceId } }: MigrationDescription,
): Outcome<null> {
  const guest = host.guests.get(instanceId);
  if (guest === undefined || guest.incoming) return noSuchGuest(instanceId);
  if (guest.outgoing !== null) {
    const { stateBefore, handedOver } = guest.outgoing;
    const restored = handedOver && guest.state === 'paused' ? cloud.inState(guest, stateBefore) : guest;
    cloud.putGuest(host, instanceId, { ...restored, outgoing: null }, 'migrationCancelled');
  }
  return isOn(guest) ? succeeded(null) : failed('operation failed: domain is not running');
}

export function clearSource({ cloud, host }: SimulatedHostAccess, instanceId: InstanceId): Outcome<null> {
  if (host.guests.has(instanceId)) {
    return failed(`Requested operation is not valid: domain ${instanceId} is still defined on ${host.name}`);
  }
  cloud.removeDirectory(host, instanceId);
  return succeeded(null);
}
