import { wrongPowerState } from '../../domain/migration/power-state-refusal.ts';
import type { MigrationDescription, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import type { HostName, InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { definitionText, disksToCopy } from './simulated-definition.ts';
import { isOn, withoutMigration, type SimulatedGuest } from './simulated-guest.ts';
import { shareStorage } from './simulated-host.ts';
import { guestOn, noSuchGuest, unreachable, type SimulatedHostAccess } from './simulated-host-access.ts';

export function checkSource(access: SimulatedHostAccess, description: MigrationDescription): Outcome<SourceFacts> {
  const { host } = access;
  const { instanceId } = description.guest;
  if (description.rescued && !host.supportsLiveMigrateRescued) {
    return failed(
      'Migration pre-check error: Live migration of rescued instances is not supported by the virt driver on source host.',
    );
  }
  const guest = guestOn(access, instanceId);
  if (guest === null || guest.incoming) return noSuchGuest(instanceId);
  if (!isOn(guest)) {
    return failed(wrongPowerState(instanceId, guest.state));
  }
  return succeeded({
    disks: disksToCopy(guest.definition),
    files: [],
    pooledDisks: [],
    sharedDirectory: false,
    memoryMiB: guest.definition.memoryMiB,
    definition: definitionText(guest.definition),
  });
}

/** Whether the other host has the very directory. */
export function sharesDirectory(
  { cloud, host }: SimulatedHostAccess,
  destination: HostName,
  { guest: { instanceId } }: MigrationDescription,
): Outcome<boolean> {
  const there = cloud.host(destination);
  if (!there.reachable) return unreachable(there);
  return succeeded(host.directories.has(instanceId) && shareStorage(host, there));
}

export function leaveSharedDirectory(
  { host }: SimulatedHostAccess,
  { guest, migrationId }: MigrationDescription,
): Outcome<null> {
  host.directories.get(guest.instanceId)?.arriving.delete(migrationId);
  return succeeded(null);
}

/** The copy ends at its next tick; one that has ended is left alone. */
export function abortMigration(access: SimulatedHostAccess, description: MigrationDescription): Outcome<null> {
  const guest = ownOutgoing(access, description);
  if (guest === null || guest.outgoing.handedOver || guest.outgoing.aborted) return succeeded(null);
  const aborted = { ...guest, outgoing: { ...guest.outgoing, aborted: true } };
  access.cloud.putGuest(access.host, description.guest.instanceId, aborted, 'abortRequested');
  return succeeded(null);
}

/** The guest stands still, so that nothing is written any more that would have to be copied again. */
export function forceComplete(access: SimulatedHostAccess, description: MigrationDescription): Outcome<null> {
  const guest = ownOutgoing(access, description);
  if (guest === null) return failed('Requested operation is not valid: no job is active on the domain');
  if (guest.outgoing.handedOver || guest.outgoing.forced) return succeeded(null);
  const forced = { ...access.cloud.inState(guest, 'paused'), outgoing: { ...guest.outgoing, forced: true } };
  access.cloud.putGuest(access.host, description.guest.instanceId, forced, 'guestPaused');
  return succeeded(null);
}

type OutgoingGuest = SimulatedGuest & { readonly outgoing: NonNullable<SimulatedGuest['outgoing']> };

function ownOutgoing(access: SimulatedHostAccess, description: MigrationDescription): OutgoingGuest | null {
  const guest = guestOn(access, description.guest.instanceId);
  if (guest === null || guest.outgoing === null || !isOn(guest)) return null;
  const { outgoing } = guest;
  return outgoing.migrationId === description.migrationId ? { ...guest, outgoing } : null;
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

/**
 * Ends the migration in whatever phase it is: a copy at work stops at its next tick, a handed-over guest resumes. One
 * that has ended meanwhile is left as it is: it is at home.
 */
export function restoreSource(
  { cloud, host }: SimulatedHostAccess,
  { guest: { instanceId } }: MigrationDescription,
): Outcome<null> {
  const guest = host.guests.get(instanceId);
  if (guest === undefined || guest.incoming) return noSuchGuest(instanceId);
  if (guest.outgoing !== null) {
    cloud.putGuest(host, instanceId, withoutMigration(guest, cloud.nowMs()), 'migrationCancelled');
  }
  return succeeded(null);
}

export function clearSource({ cloud, host }: SimulatedHostAccess, instanceId: InstanceId): Outcome<null> {
  if (host.guests.has(instanceId)) {
    return failed(`Requested operation is not valid: domain ${instanceId} is still defined on ${host.name}`);
  }
  cloud.removeDirectory(host, instanceId);
  return succeeded(null);
}
