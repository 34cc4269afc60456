import type { Image, ImageService } from '../../application/ports/image-service.ts';
import type { BootImages } from '../../domain/instance/boot-images.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { guestHardware, type GuestHardware } from './guest-hardware.ts';
import { DEFAULT_COMMAND_LINE, type DirectBoot } from './guest-definition.ts';
import type { VolumeFormat } from './volume-definition.ts';
import { placeDisk, placeImage, type Place } from './place-image.ts';

export type BootFileNames = { readonly disk: string; readonly kernel: string; readonly ramdisk: string };

export type BootFiles = {
  readonly image: Image;
  readonly diskFormat: VolumeFormat;
  readonly hardware: GuestHardware;
  readonly boot: DirectBoot | null;
};

const COMMAND_LINE_CHARACTERS_MAX = 2048;

/** Puts disk, kernel and ramdisk of a set of images into the server's directory; what is there under these names goes. */
export async function placeBootFiles(
  images: ImageService,
  place: Place,
  wanted: BootImages,
  names: BootFileNames,
): Promise<Outcome<BootFiles>> {
  const disk = await placeDisk(images, place, wanted.imageId, names.disk);
  if (disk.outcome !== 'succeeded') return disk;
  const { image, format } = disk.value;
  for (const [imageId, name] of [
    [wanted.kernelId, names.kernel],
    [wanted.ramdiskId, names.ramdisk],
  ] as const) {
    if (imageId === null) continue;
    const placed = await placeImage(images, place, imageId, name);
    if (placed.outcome !== 'succeeded') return placed;
  }
  const hardware = guestHardware(image);
  if (hardware.outcome !== 'succeeded') return hardware;
  const commandLine = image.properties['os_command_line'] ?? DEFAULT_COMMAND_LINE;
  if (commandLine.length > COMMAND_LINE_CHARACTERS_MAX) return failed(`image ${image.id}: os_command_line is too long`);
  return succeeded({
    image,
    diskFormat: format,
    hardware: hardware.value,
    boot: directBoot(place.directory.path, wanted, names, commandLine),
  });
}

function directBoot(path: string, wanted: BootImages, names: BootFileNames, commandLine: string): DirectBoot | null {
  if (wanted.kernelId === null) return null;
  const ramdisk = wanted.ramdiskId === null ? null : `${path}/${names.ramdisk}`;
  return { kernel: `${path}/${names.kernel}`, ramdisk, commandLine };
}
