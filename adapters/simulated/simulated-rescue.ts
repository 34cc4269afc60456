import type { CapturedDefinition, GuestDescription } from '../../application/ports/hypervisor-driver.ts';
import type { BootImages } from '../../domain/instance/boot-images.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { boot, diskFromImage } from './simulated-boot.ts';
import {
  captured,
  definitionText,
  isRescueDefinition,
  parseDefinition,
  rescueDefinition,
  type SimulatedDefinition,
} from './simulated-definition.ts';
import { isOn } from './simulated-guest.ts';
import { stop } from './simulated-guest-lifecycle.ts';
import { diskFreeBytes, directoryPath } from './simulated-host.ts';
import { guestOn, jobHeld, noSpace, noSuchGuest, type SimulatedHostAccess } from './simulated-host-access.ts';
import { fetchImages, type FetchedImages } from './simulated-image-fetch.ts';

const UNRESCUE_FILE = 'unrescue.xml';
const RESCUE_FILES = ['disk.rescue', 'kernel.rescue', 'ramdisk.rescue', UNRESCUE_FILE] as const;

export function captureDefinition(access: SimulatedHostAccess, instanceId: InstanceId): Outcome<CapturedDefinition> {
  const guest = guestOn(access, instanceId);
  if (guest === null) return noSuchGuest(instanceId);
  if (!isRescueDefinition(guest.definition)) return succeeded(captured(definitionText(guest.definition)));
  // Already rescued: the guest's own definition is the rescue one, the original is in the file.
  const saved = savedDefinitionText(access, instanceId);
  return saved === null
    ? failed(`${directoryPath(instanceId)}/${UNRESCUE_FILE} is missing`)
    : succeeded(captured(saved));
}

/** `onPowerOff` is called at the moment from which on a failure leaves the guest changed. */
export async function rescue(
  access: SimulatedHostAccess,
  wanted: { readonly guest: GuestDescription; readonly images: BootImages; readonly original: CapturedDefinition },
  onPowerOff: () => void,
): Promise<Outcome<null>> {
  const { instanceId } = wanted.guest;
  if (alreadyRescued(access, instanceId)) return succeeded(null);
  const fetched = await fetchImages(access.images, wanted.images);
  if (fetched.outcome !== 'succeeded') return fetched;
  // Asked again: another call may have rescued it while the images came.
  if (alreadyRescued(access, instanceId)) return succeeded(null);
  const guest = guestOn(access, instanceId);
  if (guest === null) return noSuchGuest(instanceId);
  if (guest.incoming || guest.outgoing !== null) return jobHeld();
  const original = parseDefinition(wanted.original.definition);
  if (original === null) return failed('the original definition cannot be read');
  if (!access.host.directories.has(instanceId)) return failed(`${directoryPath(instanceId)} is missing`);
  if (diskFreeBytes(access.host) < fetched.value.disk.sizeBytes) return noSpace(directoryPath(instanceId));
  writeRescueFiles(access, instanceId, wanted.original, fetched.value);
  onPowerOff();
  stop(access, instanceId);
  return boot(access, instanceId, rescueDefinition(original, wanted.images, fetched.value.disk.sizeBytes));
}

export function unrescue(
  access: SimulatedHostAccess,
  instanceId: InstanceId,
  original: CapturedDefinition,
): Outcome<null> {
  const guest = guestOn(access, instanceId);
  if (guest === null) return noSuchGuest(instanceId);
  if (guest.incoming || guest.outgoing !== null) return jobHeld();
  if (isRescueDefinition(guest.definition) || !isOn(guest)) {
    const definition = savedDefinition(access, instanceId) ?? parseDefinition(original.definition);
    if (definition === null) return failed('neither unrescue.xml nor the recorded definition can be read');
    stop(access, instanceId);
    const booted = boot(access, instanceId, definition);
    if (booted.outcome !== 'succeeded') return booted;
  }
  // Last, as Nova does: until the original machine runs, the rescue files are the only way back.
  for (const name of RESCUE_FILES) access.cloud.removeFile(access.host, instanceId, name);
  return succeeded(null);
}

function alreadyRescued(access: SimulatedHostAccess, instanceId: InstanceId): boolean {
  const guest = guestOn(access, instanceId);
  return (
    guest !== null &&
    isOn(guest) &&
    isRescueDefinition(guest.definition) &&
    savedDefinitionText(access, instanceId) !== null
  );
}

function writeRescueFiles(
  { cloud, host }: SimulatedHostAccess,
  instanceId: InstanceId,
  original: CapturedDefinition,
  fetched: FetchedImages,
): void {
  const text = Buffer.from(original.definition);
  cloud.writeFile(host, instanceId, UNRESCUE_FILE, { content: text, capacityBytes: text.byteLength });
  cloud.writeFile(host, instanceId, 'disk.rescue', diskFromImage(fetched.disk, fetched.disk.sizeBytes));
  if (fetched.kernel !== null) cloud.writeFile(host, instanceId, 'kernel.rescue', fetched.kernel);
  if (fetched.ramdisk !== null) cloud.writeFile(host, instanceId, 'ramdisk.rescue', fetched.ramdisk);
}

function savedDefinition(access: SimulatedHostAccess, instanceId: InstanceId): SimulatedDefinition | null {
  const text = savedDefinitionText(access, instanceId);
  return text === null ? null : parseDefinition(text);
}

function savedDefinitionText({ host }: SimulatedHostAccess, instanceId: InstanceId): string | null {
  const file = host.directories.get(instanceId)?.files.get(UNRESCUE_FILE);
  return file === undefined ? null : Buffer.from(file.content).toString('utf8');
}
