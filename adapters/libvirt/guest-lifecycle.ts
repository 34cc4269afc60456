import type { GuestDescription, GuestPresence } from '../../application/ports/hypervisor-driver.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { ImageService } from '../../application/ports/image-service.ts';
import type { RebootType } from '../../domain/instance/instance-events.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { placeBootFiles, type BootFiles } from './boot-files.ts';
import { outcomeOf } from './call-outcome.ts';
import { cpuElement } from './guest-cpu.ts';
import { ARCHITECTURE, FILES, guestDefinition } from './guest-definition.ts';
import { plugInterfaces } from './guest-place.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { TRANSFER_DEADLINE_MS } from './libvirt-host-options.ts';
import { DOMAIN_MANAGED_SAVE, DOMAIN_RESET, DOMAIN_SHUTDOWN_FLAGS, DOMAIN_SUSPEND } from './rpc/procedures.ts';
import { placeLocalDisks } from './local-disks.ts';
import { poolDisks, removePooledDisks } from './pool-disks.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';
import type { XmlTree } from './xml-document.ts';

const GIB = 1024 ** 3;
const POWER_POLL_MS = 200;
const DISKS: readonly string[] = [FILES.disk, FILES.ephemeral, FILES.swap, FILES.configDrive];

/** Asks libvirt; see GuestLifecycle.inquire. */
export async function inquire(host: LibvirtHost, instanceId: InstanceId): Promise<Outcome<GuestPresence>> {
  const found = await host.lookUp(instanceId);
  if (found.outcome !== 'succeeded') return found;
  return found.value === null ? succeeded({ presence: 'absent' }) : host.presence(found.value);
}

/** A guest that is defined already has its files, and only has to be started. */
export async function spawn(host: LibvirtHost, images: ImageService, guest: GuestDescription): Promise<Outcome<null>> {
  const found = await host.lookUp(guest.instanceId);
  if (found.outcome !== 'succeeded') return found;
  if (found.value !== null) return host.start(found.value);
  const { configDriveFormat } = host.options.devices;
  const directory = host.directory(guest.instanceId);
  const pool = await directory.ensure();
  if (pool.outcome !== 'succeeded') return pool;
  const place = { directory, pool: pool.value, imageCache: host.imageCache };
  const files = await placeBootFiles(images, place, guest.images, FILES);
  if (files.outcome !== 'succeeded') return files;
  const sized = await sizeRootDisk(host, guest);
  if (sized.outcome !== 'succeeded') return sized;
  const localDisks = await placeLocalDisks(place, guest, { ...files.value, configDriveFormat });
  if (localDisks.outcome !== 'succeeded') return localDisks;
  const definition = await definitionOf(host, guest, { ...files.value, localDisks: localDisks.value });
  if (definition.outcome !== 'succeeded') return definition;
  const pooled = await poolDisks(host, guest.instanceId, definition.value, DISKS);
  if (pooled.outcome !== 'succeeded') return pooled;
  const defined = await host.define(pooled.value);
  return defined.outcome === 'succeeded' ? host.start(defined.value) : defined;
}

async function definitionOf(
  host: LibvirtHost,
  guest: GuestDescription,
  files: BootFiles & { readonly localDisks: readonly XmlTree[] },
): Promise<Outcome<string>> {
  const { diskFormat, localDisks, hardware, boot } = files;
  const interfaces = plugInterfaces(host.options, guest);
  if (interfaces.outcome !== 'succeeded') return interfaces;
  const cpu = await cpuElement(host, { architecture: ARCHITECTURE, machineType: hardware.machineType });
  if (cpu.outcome !== 'succeeded') return cpu;
  const { virtType, devices } = host.options;
  const directory = host.directory(guest.instanceId).path;
  const parts = { virtType, devices, directory, diskFormat, localDisks, hardware, boot };
  return succeeded(guestDefinition(guest, { ...parts, interfaces: interfaces.value, cpu: cpu.value }));
}

async function sizeRootDisk(host: LibvirtHost, { instanceId, flavor }: GuestDescription): Promise<Outcome<null>> {
  if (flavor.diskGiB === 0) return succeeded(null);
  const directory = host.directory(instanceId);
  // Found anew: only now can libvirt see which format the uploaded bytes have.
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded') return pool;
  if (pool.value === null) return failed(`${directory.path} has disappeared`);
  const capacity = await directory.capacityBytes(pool.value, FILES.disk);
  if (capacity.outcome !== 'succeeded') return capacity;
  const wanted = flavor.diskGiB * GIB;
  if (capacity.value > wanted) return failed("Flavor's disk is too small for requested image.");
  return capacity.value === wanted ? succeeded(null) : directory.grow(pool.value, FILES.disk, wanted);
}

/** Asks the guest to power itself off, and pulls the plug when the host's patience is over. */
export async function shutDown(host: LibvirtHost, clock: Clock, domain: RemoteDomain): Promise<Outcome<null>> {
  const patienceMs = host.options.gracefulShutdownMs;
  if (patienceMs > 0) {
    const asked = await host.connections.call(DOMAIN_SHUTDOWN_FLAGS, { domain, flags: 0 });
    for (let waitedMs = 0; asked.outcome === 'succeeded' && waitedMs < patienceMs; waitedMs += POWER_POLL_MS) {
      const presence = await host.presence(domain);
      const off =
        presence.outcome === 'succeeded' && presence.value.presence === 'present' && presence.value.power !== 'running';
      if (off) break;
      await clock.sleep(POWER_POLL_MS);
    }
  }
  return host.powerOff(domain);
}

export function stop(host: LibvirtHost, clock: Clock, instanceId: InstanceId): Promise<Outcome<null>> {
  return withGuest(host, instanceId, (domain) => shutDown(host, clock, domain));
}

export function start(host: LibvirtHost, instanceId: InstanceId): Promise<Outcome<null>> {
  return withGuest(host, instanceId, (domain) => host.start(domain));
}

/** Succeeds when it is paused already. */
export function pause(host: LibvirtHost, instanceId: InstanceId): Promise<Outcome<null>> {
  return withGuest(host, instanceId, async (domain) => {
    const presence = await host.presence(domain);
    if (hasPower(presence, 'paused')) return succeeded(null);
    return outcomeOf(await host.connections.call(DOMAIN_SUSPEND, { domain }), `pausing ${domain.name}`);
  });
}

export function unpause(host: LibvirtHost, instanceId: InstanceId): Promise<Outcome<null>> {
  return withGuest(host, instanceId, async (domain) =>
    hasPower(await host.presence(domain), 'running') ? succeeded(null) : host.resume(domain),
  );
}

/** libvirt's managed save. A guest that is off and was not suspended is refused: there is no memory to keep. */
export function suspend(host: LibvirtHost, instanceId: InstanceId): Promise<Outcome<null>> {
  return withGuest(host, instanceId, async (domain) => {
    const saved = await host.hasSavedMemory(domain);
    if (saved.outcome !== 'succeeded' || saved.value) return saved.outcome === 'succeeded' ? succeeded(null) : saved;
    // As long as writing a file of the memory's size may take.
    const answer = await host.connections.call(DOMAIN_MANAGED_SAVE, { domain, flags: 0 }, TRANSFER_DEADLINE_MS);
    return outcomeOf(answer, `suspending ${domain.name}`);
  });
}

/** Starting a guest whose memory is saved goes on with that memory. Without it the guest would boot anew: refused. */
export function resume(host: LibvirtHost, instanceId: InstanceId): Promise<Outcome<null>> {
  return withGuest(host, instanceId, async (domain) => {
    if (hasPower(await host.presence(domain), 'running')) return succeeded(null);
    const saved = await host.hasSavedMemory(domain);
    if (saved.outcome !== 'succeeded') return saved;
    return saved.value ? host.start(domain) : failed(`${domain.name} has no saved memory to go on with`);
  });
}

/** SOFT lets the guest end its work first; HARD pulls the plug. A guest that was off is started. */
export function reboot(
  host: LibvirtHost,
  clock: Clock,
  instanceId: InstanceId,
  type: RebootType,
): Promise<Outcome<null>> {
  return withGuest(host, instanceId, async (domain) => {
    if (type === 'SOFT' && hasPower(await host.presence(domain), 'running') && host.options.gracefulShutdownMs === 0) {
      return outcomeOf(await host.connections.call(DOMAIN_RESET, { domain, flags: 0 }), `resetting ${domain.name}`);
    }
    const off = type === 'HARD' ? await host.powerOff(domain) : await shutDown(host, clock, domain);
    return off.outcome === 'succeeded' ? host.start(domain) : off;
  });
}

/** Guest, definition, disks, files, directory. */
export async function destroy(host: LibvirtHost, instanceId: InstanceId): Promise<Outcome<null>> {
  const found = await host.lookUp(instanceId);
  if (found.outcome !== 'succeeded') return found;
  if (found.value !== null) {
    const off = await host.powerOff(found.value);
    if (off.outcome !== 'succeeded') return off;
    const forgotten = await host.undefine(found.value);
    if (forgotten.outcome !== 'succeeded') return forgotten;
  }
  const removed = await removePooledDisks(host, instanceId);
  return removed.outcome === 'succeeded' ? host.directory(instanceId).remove() : removed;
}

export async function withGuest<Value>(
  host: LibvirtHost,
  instanceId: InstanceId,
  act: (domain: RemoteDomain) => Promise<Outcome<Value>>,
): Promise<Outcome<Value>> {
  const found = await host.lookUp(instanceId);
  if (found.outcome !== 'succeeded') return found;
  return found.value === null ? failed(`${host.options.host} has no guest ${instanceId}`) : act(found.value);
}

function hasPower(answer: Outcome<GuestPresence>, power: 'running' | 'paused'): boolean {
  return answer.outcome === 'succeeded' && answer.value.presence === 'present' && answer.value.power === power;
}
