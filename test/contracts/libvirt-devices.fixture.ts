import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LibvirtVolumeArtifactTransfer } from '../../adapters/artifacts/libvirt-volume-artifact-transfer.ts';
import { importImage } from '../../adapters/images/image-import.ts';
import { LocalImageDirectory } from '../../adapters/images/local-image-directory.ts';
import { DEFAULT_HOST_DEVICES, type HostDevices, type NetworkAttachment } from '../../adapters/libvirt/host-devices.ts';
import { LibvirtDriver } from '../../adapters/libvirt/libvirt-driver.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import type { GuestDescription, MigrationDescription } from '../../application/ports/hypervisor-driver.ts';
import { macAddressOf } from '../../domain/instance/network-interface.ts';
import type { ArtifactName } from '../../domain/migration/rescue-artifacts.ts';
import type { ImageId } from '../../domain/shared/ids.ts';
import { LibvirtLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { waitForConsole, type GuestConsole } from '../lab/guest-console.ts';
import { GUEST_COMMAND_LINE } from '../lab/guest-images.ts';
import { requireCommand } from '../lab/run-command.ts';
import { GUEST_BRIDGE } from '../lab/two-hosts.ts';
import { recordingListener, valueOf } from './hypervisor-driver.fixture.ts';
import { storeArtifact } from '../support/store-artifact.ts';

export const NETWORK = 'a0cf03a5-d921-4877-bb5c-86d26cf818e1';
const LIBVIRT_NETWORK = 'tenants';
const COMMAND_DEADLINE_MS = 10_000;
const LISTEN_DEADLINE_MS = 90_000;
/** The firmware alone needs more than the lab's usual guest has. */
const MEMORY_MIB = 256;
const EVERYTHING = {
  hw_machine_type: 'q35',
  hw_firmware_type: 'uefi',
  hw_watchdog_action: 'reset',
  hw_vif_model: 'e1000e',
  hw_video_model: 'vga',
  os_command_line: GUEST_COMMAND_LINE,
};

const devices = (listenAddress: string, network: NetworkAttachment): HostDevices => ({
  ...DEFAULT_HOST_DEVICES,
  graphics: 'vnc',
  cpu: { mode: 'hostModel' },
  listenAddress,
  networks: new Map([[NETWORK, network]]),
});

/** Two hosts on which everything that may differ does: directories, addresses, and what a network is. */
export class DevicesLab {
  readonly lab: LibvirtLab;
  readonly hosts: readonly [LibvirtHost, LibvirtHost];
  readonly drivers: readonly [LibvirtDriver, LibvirtDriver];
  readonly guest: GuestDescription;
  readonly #transfer: LibvirtVolumeArtifactTransfer;

  private constructor(lab: LibvirtLab, guest: GuestDescription) {
    this.lab = lab;
    this.guest = guest;
    const [first, second] = lab.lab.hosts;
    const images = new LocalImageDirectory({ path: lab.images.path, report: () => undefined });
    this.hosts = [
      new LibvirtHost({
        ...libvirtOptions(first),
        devices: devices('127.0.0.1', { kind: 'bridge', name: GUEST_BRIDGE }),
      }),
      new LibvirtHost({
        ...libvirtOptions(second),
        instancesPath: `${second.facts.instancesPath}/elsewhere`,
        devices: devices('0.0.0.0', { kind: 'network', name: LIBVIRT_NETWORK }),
      }),
    ];
    const driver = (host: LibvirtHost) => new LibvirtDriver(host, images, new SystemClock());
    this.drivers = [driver(this.hosts[0]), driver(this.hosts[1])];
    this.#transfer = new LibvirtVolumeArtifactTransfer(this.hosts);
  }

  static async start(): Promise<DevicesLab> {
    const lab = await LibvirtLab.start();
    const network = join(lab.directory, 'network.xml');
    const bridge = `<forward mode='bridge'/><bridge name='${GUEST_BRIDGE}'/>`;
    await writeFile(network, `<network><name>${LIBVIRT_NETWORK}</name>${bridge}</network>`);
    await virsh(lab, 1, 'net-create', network);
    const portId = crypto.randomUUID();
    const plain = lab.newGuest();
    const imageId = await importCapableImage(lab);
    return new DevicesLab(lab, {
      ...plain,
      flavor: { ...plain.flavor, ramMiB: MEMORY_MIB },
      images: { ...lab.images.boot, imageId },
      networkInterfaces: [{ portId, networkId: NETWORK, macAddress: macAddressOf(portId) }],
    });
  }

  /** What libvirt says of the guest on the host with this number. */
  definition(host: 0 | 1): Promise<string> {
    return virsh(this.lab, host, 'dumpxml', '--inactive', '--security-info', `instance-${this.guest.instanceId}`);
  }

  /** Waits until the guest on that host has said what `is` looks for. */
  async hear(host: 0 | 1, is: (console: GuestConsole) => boolean): Promise<GuestConsole> {
    const heard = await waitForConsole(this.#path(host, 'console.log'), is, { deadlineMs: LISTEN_DEADLINE_MS });
    if (!heard.seen) throw new Error(heard.message);
    return heard.console;
  }

  async hash(host: 0 | 1, file: string): Promise<string | null> {
    const bytes = await readFile(this.#path(host, file)).catch(() => null);
    return bytes === null ? null : createHash('sha256').update(bytes).digest('hex');
  }

  /** The whole way from the first host to the second, as the saga goes it. */
  async migrate(description: MigrationDescription): Promise<void> {
    const [source, destination] = this.drivers;
    const facts = valueOf(await source.checkSource(description));
    valueOf(await destination.checkDestination(description, facts));
    valueOf(await destination.prepareDestination(description, facts));
    const names: readonly ArtifactName[] = ['kernel', 'ramdisk', 'kernel.rescue', 'ramdisk.rescue'];
    for (const name of [...names, ...facts.files.map((file) => file.name)]) await this.#copy(name);
    if (description.original !== null) await this.#writeOriginal(description.original.definition);
    valueOf(await source.migrateGuest(description, destination, facts, recordingListener()));
    valueOf(await source.confirmSource(description));
    valueOf(await destination.adoptAtDestination(description));
    valueOf(await source.clearSource(this.guest.instanceId));
  }

  async stop(): Promise<void> {
    await Promise.all(this.drivers.map((driver) => driver.close()));
    await this.lab.stop();
  }

  async #copy(name: ArtifactName): Promise<void> {
    const { instanceId } = this.guest;
    const opened = await this.#transfer.open(this.drivers[0].host, instanceId, name);
    if (opened.answer !== 'found') throw new Error(`${name}: ${opened.answer}`);
    valueOf(await storeArtifact(this.#transfer, this.drivers[1].host, instanceId, name, opened.content));
  }

  async #writeOriginal(recorded: string): Promise<void> {
    const [, destination] = this.drivers;
    const { definition, sha256 } = valueOf(
      destination.definitionHere(this.guest, { definition: recorded, sha256: '' }),
    );
    const bytes = Buffer.from(definition);
    async function* whole() {
      yield bytes;
    }
    const content = { sizeBytes: bytes.length, sha256, bytes: whole() };
    valueOf(await storeArtifact(this.#transfer, destination.host, this.guest.instanceId, 'unrescue.xml', content));
  }

  #path(host: 0 | 1, file: string): string {
    const below = host === 0 ? '' : 'elsewhere';
    return join(this.lab.lab.hosts[host].facts.instancesPathOutside, below, this.guest.instanceId, file);
  }
}

function virsh(lab: LibvirtLab, host: 0 | 1, ...command: readonly string[]): Promise<string> {
  const argv = ['virsh', '-c', lab.lab.hosts[host].facts.connectionUri, ...command];
  return requireCommand(argv, { deadlineMs: COMMAND_DEADLINE_MS });
}

async function importCapableImage({ images: { path, boot } }: LibvirtLab): Promise<ImageId> {
  const properties = { kernel_id: boot.kernelId ?? '', ramdisk_id: boot.ramdiskId ?? '', ...EVERYTHING };
  const facts = { id: null, name: 'capable', diskFormat: 'qcow2', containerFormat: 'bare', properties } as const;
  const more = { minDiskGiB: 0, minRamMiB: 0, visibility: 'public', createdAt: '2026-01-01T00:00:00Z' } as const;
  const imported = await importImage(path, { ...facts, ...more }, join(path, `${boot.imageId}.data`));
  if (!imported.imported) throw new Error(imported.reason);
  return imported.image.id;
}
