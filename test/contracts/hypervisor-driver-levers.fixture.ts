import { join } from 'node:path';
import { LibvirtVolumeArtifactTransfer } from '../../adapters/artifacts/libvirt-volume-artifact-transfer.ts';
import { importImage } from '../../adapters/images/image-import.ts';
import { LocalImageDirectory } from '../../adapters/images/local-image-directory.ts';
import { LibvirtDriver } from '../../adapters/libvirt/libvirt-driver.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { DEFAULT_LIVE_MIGRATION, type LiveMigrationSettings } from '../../adapters/libvirt/live-migration-settings.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type {
  GuestDescription,
  MigrationDescription,
  MigrationListener,
  MigrationProgress,
} from '../../application/ports/hypervisor-driver.ts';
import type { TransferFigures } from '../../domain/migration/saga-events.ts';
import type { Outcome } from '../../domain/shared/outcome.ts';
import { LibvirtLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { GUEST_COMMAND_LINE } from '../lab/guest-images.ts';
import { describeMigration, stageArtifacts, valueOf } from './hypervisor-driver.fixture.ts';

/** More than the bandwidth of a test copies in the time that the guest needs to write it anew. */
const DIRTY_MIB = 48;

/** Two hosts, and one guest that writes to its memory without a pause. */
export class LeversLab {
  readonly lab: LibvirtLab;
  readonly guest: GuestDescription;
  readonly images: LocalImageDirectory;
  readonly hosts: readonly [LibvirtHost, LibvirtHost];
  readonly #transfer: LibvirtVolumeArtifactTransfer;
  readonly #drivers: LibvirtDriver[] = [];

  private constructor(lab: LibvirtLab, guest: GuestDescription) {
    this.lab = lab;
    this.guest = guest;
    this.images = new LocalImageDirectory({ path: lab.images.path, report: () => undefined });
    const [a, b] = lab.lab.hosts;
    this.hosts = [new LibvirtHost(libvirtOptions(a)), new LibvirtHost(libvirtOptions(b))];
    this.#transfer = new LibvirtVolumeArtifactTransfer(this.hosts);
  }

  static async start(): Promise<LeversLab> {
    const lab = await LibvirtLab.start();
    const { imageId, kernelId, ramdiskId } = lab.images.boot;
    const properties = {
      kernel_id: kernelId ?? '',
      ramdisk_id: ramdiskId ?? '',
      os_command_line: `${GUEST_COMMAND_LINE} lab.dirty=${DIRTY_MIB}`,
    };
    const facts = { id: null, name: 'dirty', diskFormat: 'qcow2', containerFormat: 'bare', properties } as const;
    const image = { ...facts, minDiskGiB: 0, minRamMiB: 0, visibility: 'public', createdAt: '2026-01-01T00:00:00Z' };
    const file = join(lab.images.path, `${imageId}.data`);
    const imported = await importImage(lab.images.path, { ...image, visibility: 'public' }, file);
    if (!imported.imported) throw new Error(imported.reason);
    const guest = { ...lab.newGuest(), images: { ...lab.images.boot, imageId: imported.image.id } };
    return new LeversLab(lab, guest);
  }

  /** Another process's driver each time: no migration is known to two of them. */
  driver(host: 0 | 1, settings: Partial<LiveMigrationSettings> = {}, clock: Clock = new SystemClock()): LibvirtDriver {
    const driver = new LibvirtDriver(this.hosts[host], this.images, clock, { ...DEFAULT_LIVE_MIGRATION, ...settings });
    this.#drivers.push(driver);
    return driver;
  }

  /** From the host with this number to the other, everything prepared. The answer is that of migrateGuest. */
  async migrate(
    from: LibvirtDriver,
    to: LibvirtDriver,
    at: (progress: MigrationProgress, description: MigrationDescription) => void = () => {},
  ): Promise<{ readonly description: MigrationDescription; readonly answer: Outcome<TransferFigures> }> {
    const description = describeMigration(this.guest, false);
    valueOf(await to.prepareDestination(description, valueOf(await from.checkSource(description))));
    const route = { hosts: [from.host, to.host], images: this.images, transfer: this.#transfer } as const;
    await stageArtifacts(route, this.guest, null);
    const listener: MigrationListener = {
      phaseReached: async () => {},
      progressed: (progress) => at(progress, description),
    };
    return {
      description,
      answer: await from.migrateGuest(description, to, valueOf(await from.checkSource(description)), listener),
    };
  }

  signalEmulators(host: string, signal: NodeJS.Signals): void {
    for (const { pid, commandLine } of this.lab.hostNamed(host).processes()) {
      if (commandLine[0]?.includes('qemu-system') === true) process.kill(pid, signal);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#drivers.map((driver) => driver.close()));
    await this.lab.stop();
  }
}

/** Told once, at the first figures that fit. */
export function firstTime(
  fits: (progress: MigrationProgress) => boolean,
  act: (description: MigrationDescription) => void,
): (progress: MigrationProgress, description: MigrationDescription) => void {
  let acted = false;
  return (progress, description) => {
    if (acted || !fits(progress)) return;
    acted = true;
    act(description);
  };
}

export const copiesDisks = ({ diskTotalBytes, diskRemainingBytes }: MigrationProgress): boolean =>
  diskTotalBytes > 0 && diskRemainingBytes > 0;
export const copiesMemory = ({ memoryProcessedBytes }: MigrationProgress): boolean => memoryProcessedBytes > 0;
/** A second round has begun: what was copied before has been written to since. */
export const copiesMemoryAgain = ({ memoryProcessedBytes, memoryTotalBytes }: MigrationProgress): boolean =>
  memoryTotalBytes > 0 && memoryProcessedBytes > memoryTotalBytes / 2;
