import type { Clock } from '../../application/ports/clock.ts';
import type { CapturedDefinition, GuestDescription, RescueOutcome } from '../../application/ports/hypervisor-driver.ts';
import type { ImageService } from '../../application/ports/image-service.ts';
import type { BootImages } from '../../domain/instance/boot-images.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { placeBootFiles, type BootFiles } from './boot-files.ts';
import { capturedDefinition } from './captured-definition.ts';
import { readDefinitionFile } from './definition-file.ts';
import type { ConfigDriveFormat } from './config-drive.ts';
import { definitionFacts } from './domain-disks.ts';
import { FILES } from './guest-definition.ts';
import { placeConfigDrive, writeFile } from './local-disks.ts';
import { diskNameOf } from './disk-names.ts';
import { poolDisks, removePooledDisks } from './pool-disks.ts';
import { rescueDevice } from './rescue-device.ts';
import { shutDown, withGuest } from './guest-lifecycle.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import { inactiveDefinition } from './inactive-definition.ts';
import { XML_INACTIVE, type LibvirtHost } from './libvirt-host.ts';
import { rescueDefinition } from './rescue-definition.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

const RESCUE_FILES = { disk: FILES.rescueDisk, kernel: FILES.rescueKernel, ramdisk: FILES.rescueRamdisk } as const;
const RESCUE_DISKS: readonly string[] = [FILES.rescueDisk, FILES.rescueConfigDrive];
const EVERY_RESCUE_FILE = [FILES.originalDefinition, ...Object.values(RESCUE_FILES), FILES.rescueConfigDrive] as const;

/** The inactive definition with its secrets, as libvirt would start it next time; of a rescued guest, its original one. */
export function captureDefinition(host: LibvirtHost, instanceId: InstanceId): Promise<Outcome<CapturedDefinition>> {
  return withGuest(host, instanceId, async (domain) => {
    const rescued = await isRescued(host, domain);
    if (rescued.outcome !== 'succeeded') return rescued;
    const definition = rescued.value
      ? await readOriginal(host.directory(instanceId))
      : await inactiveDefinition(host, domain);
    return definition.outcome === 'succeeded' ? succeeded(capturedDefinition(definition.value)) : definition;
  });
}

/** See RescueOperations.rescue: everything that can fail without harm comes before the power-off. */
export async function rescue(
  { host, images, clock }: { readonly host: LibvirtHost; readonly images: ImageService; readonly clock: Clock },
  guest: GuestDescription,
  rescueImages: BootImages,
  original: CapturedDefinition,
): Promise<RescueOutcome> {
  const found = await withGuest(host, guest.instanceId, async (domain) => succeeded(domain));
  if (found.outcome !== 'succeeded') return unharmed(found);
  const domain = found.value;
  const rescued = await isRescued(host, domain);
  if (rescued.outcome !== 'succeeded') return unharmed(rescued);
  // Done before a crash could tell of it: nothing but the start may be missing.
  if (rescued.value) return harmed(await host.start(domain));
  const directory = host.directory(guest.instanceId);
  const files = await placeRescueFiles({ images, host }, guest, rescueImages, original);
  if (files.outcome !== 'succeeded') {
    await removeRescueFiles(host, guest.instanceId);
    return unharmed(files);
  }
  const { diskFormat, boot, image } = files.value;
  const device = rescueDevice(image, definitionFacts(original.definition).machineType);
  if (device.outcome !== 'succeeded') {
    await removeRescueFiles(host, guest.instanceId);
    return unharmed(device);
  }
  const options = { directory: directory.path, rescueDiskFormat: diskFormat, boot, device: device.value };
  // Made while the guest still runs: a definition that cannot be rescued must not cost the owner the machine.
  const built = rescueDefinition(original.definition, options);
  const definition = await poolDisks(host, guest.instanceId, built, RESCUE_DISKS);
  if (definition.outcome !== 'succeeded') {
    await removeRescueFiles(host, guest.instanceId);
    return unharmed(definition);
  }
  const off = await shutDown(host, clock, domain);
  if (off.outcome !== 'succeeded') return harmed(off);
  const defined = await host.define(definition.value);
  return harmed(defined.outcome === 'succeeded' ? await host.start(defined.value) : defined);
}

/** See RescueOperations.unrescue. The rescue files go last, so that a repeat finds what it needs. */
export async function unrescue(
  host: LibvirtHost,
  instanceId: InstanceId,
  original: CapturedDefinition,
): Promise<Outcome<null>> {
  const directory = host.directory(instanceId);
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded') return pool;
  if (pool.value === null) return failed(`${directory.path} does not exist`);
  const rescued = await withGuest(host, instanceId, (domain) => isRescued(host, domain));
  if (rescued.outcome !== 'succeeded') return rescued;
  if (rescued.value) {
    const definition = await originalDefinition(directory, original);
    const off = await withGuest(host, instanceId, (domain) => host.powerOff(domain));
    if (off.outcome !== 'succeeded') return off;
    const defined = await host.define(definition);
    if (defined.outcome !== 'succeeded') return defined;
  }
  const started = await withGuest(host, instanceId, (domain) => host.start(domain));
  return started.outcome === 'succeeded' ? removeRescueFiles(host, instanceId) : started;
}

/** A guest is rescued when its definition has the rescue disk: what is asked is libvirt, not our records. */
export async function isRescued(host: LibvirtHost, domain: RemoteDomain): Promise<Outcome<boolean>> {
  const definition = await host.definition(domain, XML_INACTIVE);
  if (definition.outcome !== 'succeeded') return definition;
  const { disks } = definitionFacts(definition.value);
  return succeeded(disks.some(({ path }) => diskNameOf(path, domain.uuid) === FILES.rescueDisk));
}

async function placeRescueFiles(
  { images, host }: { readonly images: ImageService; readonly host: LibvirtHost },
  guest: GuestDescription,
  rescueImages: BootImages,
  original: CapturedDefinition,
): Promise<Outcome<BootFiles>> {
  const directory = host.directory(guest.instanceId);
  const pool = await directory.ensure();
  if (pool.outcome !== 'succeeded') return pool;
  const place = { directory, pool: pool.value, imageCache: host.imageCache };
  const content = Buffer.from(original.definition);
  const kept = { name: FILES.originalDefinition, capacityBytes: content.length, content };
  const written = await writeFile(place, kept);
  if (written.outcome !== 'succeeded') return written;
  const format = configDriveFormatOf(original, guest.instanceId);
  const drive = await placeConfigDrive(place, guest, { name: FILES.rescueConfigDrive, format });
  if (drive.outcome !== 'succeeded') return drive;
  return placeBootFiles(images, place, rescueImages, RESCUE_FILES);
}

/** In legacy rescue the drive takes the place of the server's own, whatever is configured by now. */
function configDriveFormatOf({ definition }: CapturedDefinition, instanceId: InstanceId): ConfigDriveFormat {
  const { disks } = definitionFacts(definition);
  const own = disks.find(({ path }) => diskNameOf(path, instanceId) === FILES.configDrive);
  return own === undefined || own.readOnly ? 'iso9660' : 'vfat';
}

/** `unrescue.xml` as it is on this host. */
async function readOriginal(directory: InstanceDirectory): Promise<Outcome<string>> {
  const found = await readDefinitionFile(directory, FILES.originalDefinition);
  if (found.outcome !== 'succeeded') return found;
  return found.value === null
    ? failed(`${directory.path}/${FILES.originalDefinition} does not exist`)
    : succeeded(found.value);
}

/** What the host has, if it is what was recorded; otherwise the record. */
async function originalDefinition(directory: InstanceDirectory, original: CapturedDefinition): Promise<string> {
  const found = await readOriginal(directory);
  return found.outcome === 'succeeded' && capturedDefinition(found.value).sha256 === original.sha256
    ? found.value
    : original.definition;
}

async function removeRescueFiles(host: LibvirtHost, instanceId: InstanceId): Promise<Outcome<null>> {
  const unpooled = await removePooledDisks(host, instanceId, (name) => RESCUE_DISKS.includes(name));
  if (unpooled.outcome !== 'succeeded') return unpooled;
  const directory = host.directory(instanceId);
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded') return pool;
  if (pool.value === null) return succeeded(null);
  for (const name of EVERY_RESCUE_FILE) {
    const removed = await directory.removeFile(pool.value, name);
    if (removed.outcome !== 'succeeded') return removed;
  }
  return succeeded(null);
}

const unharmed = ({ outcome, reason }: Exclude<Outcome<unknown>, { outcome: 'succeeded' }>): RescueOutcome => ({
  outcome,
  reason,
  guestAffected: false,
});

const harmed = (answer: Outcome<null> | Exclude<Outcome<unknown>, { outcome: 'succeeded' }>): RescueOutcome =>
  answer.outcome === 'succeeded' ? answer : { ...answer, guestAffected: true };
