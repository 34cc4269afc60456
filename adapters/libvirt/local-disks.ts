import type { GuestDescription } from '../../application/ports/hypervisor-driver.ts';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { BootFiles } from './boot-files.ts';
import { configDriveImage } from './config-drive.ts';
import { FILES } from './guest-definition.ts';
import { cdromElement, diskElement } from './guest-devices.ts';
import { targetName } from './guest-hardware.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import type { RemoteStoragePool } from './rpc/remote-objects.ts';
import { swapHeader } from './swap-header.ts';
import type { XmlTree } from './xml-document.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** Behind the root disk. */
const [EPHEMERAL_PLACE, SWAP_PLACE, CDROM_PLACE] = [1, 2, 3];

type Place = { readonly directory: InstanceDirectory; readonly pool: RemoteStoragePool };

/** Makes the disks that a server has beside its root: an empty one, one to swap to, and its config drive. */
export async function placeLocalDisks(
  place: Place,
  guest: GuestDescription,
  { diskFormat, hardware }: Pick<BootFiles, 'diskFormat' | 'hardware'>,
): Promise<Outcome<readonly XmlTree[]>> {
  const { directory, pool } = place;
  const { ephemeralGiB = 0, swapMiB = 0 } = guest.flavor;
  const { diskBus, cdromBus } = hardware;
  const elements: XmlTree[] = [];
  if (ephemeralGiB > 0) {
    const disk = { name: FILES.ephemeral, format: diskFormat, capacityBytes: ephemeralGiB * GIB };
    const made = await directory.create(pool, disk);
    if (made.outcome !== 'succeeded') return made;
    elements.push(
      diskElement(`${directory.path}/${disk.name}`, diskFormat, targetName(diskBus, EPHEMERAL_PLACE), diskBus),
    );
  }
  if (swapMiB > 0) {
    const capacityBytes = swapMiB * MIB;
    const made = await writeFile(place, { name: FILES.swap, capacityBytes, content: swapHeader(capacityBytes) });
    if (made.outcome !== 'succeeded') return made;
    elements.push(diskElement(`${directory.path}/${FILES.swap}`, 'raw', targetName(diskBus, SWAP_PLACE), diskBus));
  }
  const drive = await placeConfigDrive(place, guest, FILES.configDrive);
  if (drive.outcome !== 'succeeded') return drive;
  if (drive.value) {
    elements.push(cdromElement(`${directory.path}/${FILES.configDrive}`, targetName(cdromBus, CDROM_PLACE), cdromBus));
  }
  return succeeded(elements);
}

/** False: the server has none. */
export async function placeConfigDrive(place: Place, guest: GuestDescription, name: string): Promise<Outcome<boolean>> {
  if (guest.configDrive === undefined) return succeeded(false);
  const content = configDriveImage(guest, guest.configDrive);
  const written = await writeFile(place, { name, capacityBytes: content.length, content });
  return written.outcome === 'succeeded' ? succeeded(true) : written;
}

type FileContent = { readonly name: string; readonly capacityBytes: number; readonly content: Buffer };

/** A raw file that begins with `content` and is empty from there on. */
export async function writeFile(
  { directory, pool }: Place,
  { name, capacityBytes, content }: FileContent,
): Promise<Outcome<null>> {
  const volume = await directory.create(pool, { name, format: 'raw', capacityBytes });
  if (volume.outcome !== 'succeeded') return volume;
  return directory.upload(
    volume.value,
    content.length,
    (async function* once() {
      yield content;
    })(),
  );
}
