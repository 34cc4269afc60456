import type { GuestDescription, GuestPresence, HostFacts } from '../../application/ports/hypervisor-driver.ts';
import type { RebootType } from '../../domain/instance/instance-events.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { boot, diskFromImage } from './simulated-boot.ts';
import { originalDefinition } from './simulated-definition.ts';
import { isOn, type SimulatedGuest } from './simulated-guest.ts';
import { diskFreeBytes, directoryPath, GIBIBYTE, memoryFreeMiB } from './simulated-host.ts';
import {
  guestOn,
  jobHeld,
  noSpace,
  noSuchGuest,
  notRunning,
  type SimulatedHostAccess,
} from './simulated-host-access.ts';
import { fetchImages, type FetchedImages } from './simulated-image-fetch.ts';

/** libvirt's arithmetic for 1.0.0. */
const HYPERVISOR_VERSION = 1_000_000;

export function hostFacts({ cloud, host }: SimulatedHostAccess): HostFacts {
  return {
    hypervisorHostname: host.name,
    hypervisorType: 'simulated',
    hypervisorVersion: HYPERVISOR_VERSION,
    vcpus: host.capacity.vcpus,
    memoryMiB: host.capacity.memoryMiB,
    memoryFreeMiB: memoryFreeMiB(host),
    diskGiB: host.capacity.diskGiB,
    diskFreeGiB: Math.floor(diskFreeBytes(host) / GIBIBYTE),
    hostIp: host.address,
    uptime: ` ${cloud.clock.now().slice(11, 19)} up 1 day,  0:00,  0 users,  load average: 0.00, 0.00, 0.00`,
  };
}

export function inquire(access: SimulatedHostAccess, instanceId: InstanceId): GuestPresence {
  const guest = guestOn(access, instanceId);
  if (guest === null) return { presence: 'absent' };
  return { presence: 'present', power: guest.state, incoming: guest.incoming };
}

export async function spawn(access: SimulatedHostAccess, guest: GuestDescription): Promise<Outcome<null>> {
  const before = guestOn(access, guest.instanceId);
  if (before !== null) return startGuest(access, guest.instanceId, before);
  const fetched = await fetchImages(access.images, guest.images);
  if (fetched.outcome !== 'succeeded') return fetched;
  // Asked again: another call may have spawned it while the images came.
  const meanwhile = guestOn(access, guest.instanceId);
  return meanwhile === null ? create(access, guest, fetched.value) : startGuest(access, guest.instanceId, meanwhile);
}

export function stop(access: SimulatedHostAccess, instanceId: InstanceId): Outcome<null> {
  return withOwnGuest(access, instanceId, (guest) => {
    if (isOn(guest) || guest.suspended) {
      const stopped = { ...awake(access.cloud.inState(guest, 'shutdown')), bootId: null, bootedFrom: null };
      access.cloud.putGuest(access.host, instanceId, stopped, 'guestStopped');
    }
    return succeeded(null);
  });
}

export function start(access: SimulatedHostAccess, instanceId: InstanceId): Outcome<null> {
  return withOwnGuest(access, instanceId, (guest) => startGuest(access, instanceId, guest));
}

export function pause(access: SimulatedHostAccess, instanceId: InstanceId): Outcome<null> {
  return withOwnGuest(access, instanceId, (guest) => {
    if (guest.state === 'paused') return succeeded(null);
    if (guest.state !== 'running') return notRunning();
    access.cloud.putGuest(access.host, instanceId, access.cloud.inState(guest, 'paused'), 'guestPaused');
    return succeeded(null);
  });
}

export function unpause(access: SimulatedHostAccess, instanceId: InstanceId): Outcome<null> {
  return withOwnGuest(access, instanceId, (guest) => {
    if (guest.state === 'running') return succeeded(null);
    if (guest.state !== 'paused') return notRunning();
    access.cloud.putGuest(access.host, instanceId, access.cloud.inState(guest, 'running'), 'guestResumed');
    return succeeded(null);
  });
}

export function suspend(access: SimulatedHostAccess, instanceId: InstanceId): Outcome<null> {
  return withOwnGuest(access, instanceId, (guest) => {
    if (guest.suspended) return succeeded(null);
    if (!isOn(guest)) return notRunning();
    const suspended = { ...access.cloud.inState(guest, 'shutdown'), suspended: true } as const;
    access.cloud.putGuest(access.host, instanceId, suspended, 'guestStopped');
    return succeeded(null);
  });
}

export function resume(access: SimulatedHostAccess, instanceId: InstanceId): Outcome<null> {
  return withOwnGuest(access, instanceId, (guest) => {
    if (guest.state === 'running') return succeeded(null);
    return guest.suspended
      ? startGuest(access, instanceId, guest)
      : failed('Requested operation is not valid: domain has no saved memory');
  });
}

function goOn({ cloud, host }: SimulatedHostAccess, instanceId: InstanceId, guest: SimulatedGuest): Outcome<null> {
  if (memoryFreeMiB(host) < guest.definition.memoryMiB) {
    return failed('internal error: cannot set up guest memory: Cannot allocate memory');
  }
  cloud.putGuest(host, instanceId, awake(cloud.inState(guest, 'running')), 'guestResumed');
  return succeeded(null);
}

function awake({ suspended: _suspended, ...guest }: SimulatedGuest): SimulatedGuest {
  return guest;
}

/** A simulated guest never ignores the soft request, so both types boot it again. */
export function reboot(access: SimulatedHostAccess, instanceId: InstanceId, type: RebootType): Outcome<null> {
  return withOwnGuest(access, instanceId, (guest) => {
    if (type === 'SOFT' && guest.state !== 'running') return notRunning();
    stop(access, instanceId);
    return boot(access, instanceId, guest.definition);
  });
}

/** The disk only grows, as on a real host. */
export function resize(
  access: SimulatedHostAccess,
  { instanceId, flavor }: GuestDescription,
  startAgain: boolean,
): Outcome<null> {
  return withOwnGuest(access, instanceId, (guest) => {
    stop(access, instanceId);
    const resized = { ...guest.definition, memoryMiB: flavor.ramMiB, vcpus: flavor.vcpus };
    const off = guestOn(access, instanceId) ?? guest;
    access.cloud.putGuest(access.host, instanceId, { ...off, definition: resized }, 'guestPersisted');
    const disk = access.host.directories.get(instanceId)?.files.get('disk');
    const wantedBytes = flavor.diskGiB * GIBIBYTE;
    if (disk !== undefined && disk.capacityBytes < wantedBytes) {
      access.cloud.writeFile(access.host, instanceId, 'disk', { ...disk, capacityBytes: wantedBytes });
    }
    return startAgain ? boot(access, instanceId, resized) : succeeded(null);
  });
}

export function destroy({ cloud, host }: SimulatedHostAccess, instanceId: InstanceId): Outcome<null> {
  cloud.removeGuest(host, instanceId);
  // After a cold migration on shared storage the guest on the other host runs from it.
  if (!cloud.isUsedElsewhere(host, instanceId)) cloud.removeDirectory(host, instanceId);
  return succeeded(null);
}

/**
 * Power actions are refused while the guest is under migration: resuming the copy that waits for Confirm, or the one
 * that still comes in, would give two running copies.
 */
function withOwnGuest(
  access: SimulatedHostAccess,
  instanceId: InstanceId,
  act: (guest: SimulatedGuest) => Outcome<null>,
): Outcome<null> {
  const guest = guestOn(access, instanceId);
  if (guest === null) return noSuchGuest(instanceId);
  if (guest.incoming || guest.outgoing !== null) return jobHeld();
  return act(guest);
}

function startGuest(access: SimulatedHostAccess, instanceId: InstanceId, guest: SimulatedGuest): Outcome<null> {
  if (guest.incoming || guest.outgoing !== null) return jobHeld();
  if (isOn(guest)) return succeeded(null);
  return guest.suspended ? goOn(access, instanceId, guest) : boot(access, instanceId, guest.definition);
}

function create(access: SimulatedHostAccess, guest: GuestDescription, fetched: FetchedImages): Outcome<null> {
  const { cloud, host } = access;
  const diskBytes = Math.max(guest.flavor.diskGiB * GIBIBYTE, fetched.disk.sizeBytes);
  const foreign = host.directories.get(guest.instanceId)?.ownerMigration ?? null;
  if (foreign !== null) return failed(`${directoryPath(guest.instanceId)} belongs to migration ${foreign}`);
  if (diskFreeBytes(host) < diskBytes) return noSpace(directoryPath(guest.instanceId));
  // A spawn that died half-way may have left a directory; its files are no server's yet.
  cloud.removeDirectory(host, guest.instanceId);
  cloud.createDirectory(host, guest.instanceId, null);
  writeBootFiles(access, guest.instanceId, fetched, diskBytes);
  const booted = boot(access, guest.instanceId, originalDefinition(guest, diskBytes));
  if (booted.outcome !== 'succeeded') cloud.removeDirectory(host, guest.instanceId);
  return booted;
}

function writeBootFiles(
  { cloud, host }: SimulatedHostAccess,
  instanceId: InstanceId,
  fetched: FetchedImages,
  diskBytes: number,
): void {
  cloud.writeFile(host, instanceId, 'disk', diskFromImage(fetched.disk, diskBytes));
  if (fetched.kernel !== null) cloud.writeFile(host, instanceId, 'kernel', fetched.kernel);
  if (fetched.ramdisk !== null) cloud.writeFile(host, instanceId, 'ramdisk', fetched.ramdisk);
}
