import type { HostName } from '../../domain/shared/ids.ts';
import type { HostDevices } from './host-devices.ts';
import type { LibvirtEndpoint } from './rpc/transport.ts';

/** How a host keeps the images that disks are layered on; Nova's `force_raw_images` and its clean-up of the cache. */
export type ImageCacheOptions = {
  /** Kept raw, which QEMU reads faster; otherwise as the image service has them. */
  readonly forceRaw: boolean;
  /** One that no disk has been layered on for so long is removed; null: none ever is. */
  readonly removeUnusedAfterMs: number | null;
  /** Between two looks at which of them are used. */
  readonly lookEveryMs: number;
};

/** One hypervisor host as the operator has configured it. */
export type LibvirtHostOptions = {
  readonly host: HostName;
  readonly endpoint: LibvirtEndpoint;
  /** Directory on the host that holds one directory for each server; as libvirt there sees it. */
  readonly instancesPath: string;
  /**
   * Target path of a storage pool of its libvirt, which takes the disks that servers write to. Left out or null: they lie
   * in the servers' directories.
   */
  readonly disksPath?: string | null;
  /** Address on which this host takes incoming migrations, memory and disks. */
  readonly migrationAddress: string;
  /** `kvm` only where a guest has been seen to boot with it. */
  readonly virtType: 'qemu' | 'kvm';
  /** How long a guest may take to power itself off before it is forced; 0 forces at once. Nova's shutdown_timeout. */
  readonly gracefulShutdownMs: number;
  readonly supportsLiveMigrateRescued: boolean;
  /** Whether a copy whose other side is gone may be broken in QEMU's monitor, after which libvirt calls the guest tainted. */
  readonly mayUseMonitor: boolean;
  readonly devices: HostDevices;
  /** Left out or null: every disk is a whole copy of its image. */
  readonly imageCache?: ImageCacheOptions | null;
  /** Asked before each call: whether this process still holds its lease. Default: it does. */
  readonly mayAct?: () => boolean;
};

/** For calls that only look or change something small; libvirt answers these in milliseconds. */
export const CALL_DEADLINE_MS = 30_000;
/** For starting a guest, and the phases of a migration before and after the copy. */
export const LONG_CALL_DEADLINE_MS = 120_000;
/** For one file of any size: an hour at 100 MiB/s moves 350 GiB. */
export const TRANSFER_DEADLINE_MS = 3_600_000;
export const CONNECT_DEADLINE_MS = 5000;
/** A peer that is silent for interval times count is taken for dead. */
export const KEEPALIVE_INTERVAL_MS = 2000;
export const KEEPALIVE_COUNT_MAX = 5;
