import type { GuestDescription } from '../../application/ports/hypervisor-driver.ts';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { BootFiles } from './boot-files.ts';
import { configDrive, type ConfigDriveFormat } from './config-drive.ts';
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
const [EPHEMERAL_PLACE, SWAP_PLACE, CONFIG_DRIVE_PLACE] = [1, 2, 3];

type Place = { readonly directory: InstanceDirectory; readonly pool: RemoteStoragePool };

/** Makes the disks that a server has beside its root: an empty one, one to swap to, and its config drive. */
export async function placeLocalDisks(
  place: Place,
  guest: GuestDescription,
  {
    diskFormat,
    hardware,
    configDriveFormat,
  }: Pick<BootFiles, 'diskFormat' | 'hardware'> & { readonly configDriveFormat: ConfigDriveFormat },
): Promise<Outcome<readonly XmlTree[]>> {
  const { directory, pool } = place;
  const { ephemeralGiB = 0, swapMiB = 0 } = guest.flavor;
  const { diskBus } = hardware;
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
  const drive = await placeConfigDrive(place, guest, { name: FILES.configDrive, format: configDriveFormat });
  if (drive.outcome !== 'succeeded') return drive;
  if (drive.value) elements.push(configDriveElement(directory.path, configDriveFormat, hardware));
  return succeeded(elements);
}

/** A CD-ROM is read-only by itself; a disk, as with Nova, the guest may write to. */
function configDriveElement(
  directory: string,
  format: ConfigDriveFormat,
  { diskBus, cdromBus }: BootFiles['hardware'],
): XmlTree {
  const path = `${directory}/${FILES.configDrive}`;
  return format === 'vfat'
    ? diskElement(path, 'raw', targetName(diskBus, CONFIG_DRIVE_PLACE), diskBus)
    : cdromElement(path, targetName(cdromBus, CONFIG_DRIVE_PLACE), cdromBus);
}

/** False: the server has none. */
export async function placeConfigDrive(
  place: Place,
  guest: GuestDescription,
  { name, format }: { readonly name: string; readonly format: ConfigDriveFormat },
): Promise<Outcome<boolean>> {
  if (guest.configDrive === undefined) return succeeded(false);
  const written = await writeFile(place, { name, ...configDrive(guest, guest.configDrive, format) });
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
  return directory.upload(volume.value, capacityBytes, padded(content, capacityBytes));
}

const ZEROS = Buffer.alloc(MIB);

/** To the end: libvirt cuts a file off where an upload into it ends. Zeros are sent as a hole. */
async function* padded(content: Buffer, capacityBytes: number): AsyncGenerator<Uint8Array> {
  yield content;
  for (let left = capacityBytes - content.length; left > 0; left -= ZEROS.length) {
    yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
  }
}
