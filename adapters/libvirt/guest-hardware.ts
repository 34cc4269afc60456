import type { Image } from '../../application/ports/image-service.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';

export const DISK_BUSES = ['virtio', 'scsi', 'sata', 'ide', 'usb'] as const;
export type DiskBus = (typeof DISK_BUSES)[number];

const WATCHDOG_ACTIONS = ['reset', 'poweroff', 'pause', 'none'] as const;
const VIDEO_MODELS = ['virtio', 'vga', 'cirrus', 'qxl', 'bochs', 'none'] as const;
const VIF_MODELS = ['virtio', 'e1000', 'e1000e', 'rtl8139', 'pcnet', 'ne2k_pci', 'vmxnet3'] as const;

/** What an image says of the machine it is made for (Glance's `hw_…` properties); null: it is not to have it. */
export type GuestHardware = {
  /** libvirt's machine type; an alias such as `pc` is resolved by libvirt when it defines the guest. */
  readonly machineType: string;
  readonly firmware: 'bios' | 'uefi';
  readonly diskBus: DiskBus;
  readonly cdromBus: DiskBus;
  readonly vifModel: (typeof VIF_MODELS)[number];
  readonly watchdogAction: (typeof WATCHDOG_ACTIONS)[number] | null;
  /** Null: the screen, if there is one, gets the usual one. */
  readonly videoModel: (typeof VIDEO_MODELS)[number] | null;
};

/** Nova's own default for x86-64. */
const DEFAULT_MACHINE_TYPE = 'pc';
/** libvirt's alphabet for machine types; the value comes from an image's property. */
const MACHINE_TYPE = /^[a-z0-9.-]{1,64}$/;

/** Refuses what no machine here can be given, by the property's name. */
export function guestHardware({ id, properties }: Image): Outcome<GuestHardware> {
  const machineType = properties['hw_machine_type'] ?? DEFAULT_MACHINE_TYPE;
  if (!MACHINE_TYPE.test(machineType)) return failed(`image ${id}: hw_machine_type is not a machine type's name`);
  const isQ35 = machineType.includes('q35');
  const refusals: string[] = [];
  const chosen = <Value extends string>(property: string, values: readonly Value[], otherwise: Value): Value => {
    const given = properties[property];
    const found = given === undefined ? otherwise : values.find((value) => value === given);
    if (found === undefined) refusals.push(`${property} is ${given}, expected one of ${values.join(', ')}`);
    return found ?? otherwise;
  };
  // A q35 machine has no IDE controller.
  const buses = DISK_BUSES.filter((bus) => !(isQ35 && bus === 'ide'));
  const watchdog = chosen('hw_watchdog_action', [...WATCHDOG_ACTIONS, 'disabled'] as const, 'disabled');
  const video = chosen('hw_video_model', [...VIDEO_MODELS, 'default'] as const, 'default');
  // Every guest has one; no other model exists for it.
  chosen('hw_rng_model', ['virtio'], 'virtio');
  const hardware = {
    machineType,
    firmware: chosen('hw_firmware_type', ['bios', 'uefi'] as const, 'bios'),
    diskBus: chosen<DiskBus>('hw_disk_bus', buses, 'virtio'),
    cdromBus: chosen<DiskBus>('hw_cdrom_bus', buses, isQ35 ? 'sata' : 'ide'),
    vifModel: chosen('hw_vif_model', VIF_MODELS, 'virtio'),
    watchdogAction: watchdog === 'disabled' ? null : watchdog,
    videoModel: video === 'default' ? null : video,
  };
  return refusals.length > 0 ? failed(`image ${id}: ${refusals.join('; ')}`) : succeeded(hardware);
}

const TARGET_PREFIX: Readonly<Record<DiskBus, string>> = { virtio: 'vd', scsi: 'sd', sata: 'sd', usb: 'sd', ide: 'hd' };
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** The name of the disk at this place of its bus, from 0; a label for libvirt, which the guest need not share. */
export function targetName(bus: DiskBus, place: number): string {
  const letter = LETTERS[place];
  if (letter === undefined) throw new Error(`targetName: no place ${place}`);
  return `${TARGET_PREFIX[bus]}${letter}`;
}
