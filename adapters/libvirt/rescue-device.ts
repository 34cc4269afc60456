import type { Image } from '../../application/ports/image-service.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { DISK_BUSES, type DiskBus } from './guest-hardware.ts';

/** What the rescue disk is plugged in as, beside all that the server has. */
export type RescueDevice = { readonly kind: 'disk' | 'cdrom'; readonly bus: DiskBus };

const KINDS = ['disk', 'cdrom'] as const;

/**
 * Stable-device rescue, which the rescue image asks for by `hw_rescue_device` or `hw_rescue_bus` (nova.md C.3); null:
 * legacy rescue. Refuses in Nova's words what the machine has not.
 */
export function rescueDevice({ properties }: Image, machineType: string): Outcome<RescueDevice | null> {
  const wantedKind = properties['hw_rescue_device'];
  const wantedBus = properties['hw_rescue_bus'];
  if (wantedKind === undefined && wantedBus === undefined) return succeeded(null);
  const kind = KINDS.find((candidate) => candidate === (wantedKind ?? 'disk'));
  if (kind === undefined) return failed(`Requested rescue device '${wantedKind}' is not supported`);
  const isQ35 = machineType.includes('q35');
  const usual = kind === 'disk' ? 'virtio' : isQ35 ? 'sata' : 'ide';
  const bus = DISK_BUSES.find((candidate) => candidate === (wantedBus ?? usual));
  // A q35 machine has no IDE controller, and virtio knows no CD-ROM.
  if (bus === undefined || (bus === 'ide' && isQ35) || (bus === 'virtio' && kind === 'cdrom')) {
    return failed(`Requested rescue bus '${wantedBus}' is not supported by the 'qemu' virt driver`);
  }
  return succeeded({ kind, bus });
}
