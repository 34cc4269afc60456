import { readdirSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importImage } from '../../adapters/images/image-import.ts';
import type { GuestDescription } from '../../application/ports/hypervisor-driver.ts';
import type { BootImages } from '../../domain/instance/boot-images.ts';
import { instanceId, type ImageId } from '../../domain/shared/ids.ts';
import type { GuestVoice } from '../contracts/hypervisor-driver.fixture.ts';
import { readGuestConsole, waitForConsole, type GuestBoot } from '../lab/guest-console.ts';
import { buildGuestImages, GUEST_COMMAND_LINE, GUEST_MEMORY_MIB } from '../lab/guest-images.ts';
import type { LabHost } from '../lab/lab-host.ts';
import { labAvailability } from '../lab/requirements.ts';
import { runCommand } from '../lab/run-command.ts';
import { makeTemporaryDirectory } from '../lab/temporary-directory.ts';
import { startTwoHosts, type Lab } from '../lab/two-hosts.ts';

/** A boot takes three seconds alone on the machine, 13 with UEFI, and ten times that beside other work. */
const LISTEN_DEADLINE_MS = 150_000;

/** What the guests of one laboratory boot from, in a directory that an image service reads. */
export type LabImages = {
  readonly path: string;
  readonly boot: BootImages;
  readonly rescue: BootImages;
  /** Of the file on the original disk; random in each laboratory, so no other disk can pass for it. */
  readonly originalDataSha256: string;
};

/** Null when two real hosts can run here; otherwise the reason, which has been printed. */
export async function whyNoLab(spec: string): Promise<string | null> {
  const availability = await labAvailability();
  if (availability.available) return null;
  console.warn(`SKIPPED ${spec}. ${availability.reason}`);
  return availability.reason;
}

/** Two real libvirt hosts, images for them, and ears for what their guests say. */
export class LibvirtLab {
  readonly lab: Lab;
  readonly images: LabImages;
  readonly directory: string;
  /** By boot id: a guest that has moved says nothing of its boot on the host where it arrived. */
  readonly #boots = new Map<string, GuestBoot>();

  readonly #removeDirectory: () => void;
  /** Where each host keeps its servers, as this process sees it. */
  readonly #instancesPaths: ReadonlyMap<string, string>;

  private constructor(
    lab: Lab,
    images: LabImages,
    directory: ReturnType<typeof makeTemporaryDirectory>,
    instancesPaths: ReadonlyMap<string, string>,
  ) {
    this.#instancesPaths = instancesPaths;
    this.lab = lab;
    this.images = images;
    this.directory = directory.path;
    this.#removeDirectory = directory.remove;
  }

  static async start(): Promise<LibvirtLab> {
    const directory = makeTemporaryDirectory(join(tmpdir(), 'lb-'));
    const lab = await startTwoHosts({ directory: null, names: ['lab-a', 'lab-b'] });
    return new LibvirtLab(lab, await importLabImages(directory.path), directory, new Map());
  }

  /** The same laboratory for servers that the hosts keep elsewhere; those that the map does not name, where they do. */
  keepingServersIn(instancesPaths: ReadonlyMap<string, string>): LibvirtLab {
    const directory = { path: this.directory, remove: this.#removeDirectory };
    return new LibvirtLab(this.lab, this.images, directory, instancesPaths);
  }

  /** The directory of the servers on a host, as this process sees it. */
  instancesPath(host: string): string {
    return this.#instancesPaths.get(host) ?? this.hostNamed(host).facts.instancesPathOutside;
  }

  hostNamed(name: string): LabHost {
    const host = this.lab.hosts.find((candidate) => candidate.name === name);
    if (host === undefined) throw new Error(`the laboratory has no host ${name}`);
    return host;
  }

  /** A server with a new id, not created anywhere. */
  newGuest(): GuestDescription {
    const flavor = { id: '1', name: 'm1.lab', vcpus: 1, ramMiB: GUEST_MEMORY_MIB, diskGiB: 0 };
    return {
      instanceId: instanceId(crypto.randomUUID()),
      name: 'server',
      flavor,
      images: this.images.boot,
      networkInterfaces: [],
    };
  }

  /** Waits until the guest that runs on this host has ticked once more. */
  async listen(host: string, instance: string): Promise<GuestVoice> {
    return (await this.hear(host, instance)).voice;
  }

  /** As `listen`, with all that the guest said when it booted. */
  async hear(host: string, instance: string): Promise<{ readonly voice: GuestVoice; readonly boot: GuestBoot }> {
    const before = (await readGuestConsole(this.#console(host, instance))).ticks.length;
    const wait = { deadlineMs: LISTEN_DEADLINE_MS };
    const heard = await waitForConsole(this.#console(host, instance), ({ ticks }) => ticks.length > before, wait);
    if (!heard.seen) throw new Error(`${heard.message}\n${await this.#whatStands(instance)}`);
    for (const { name } of this.lab.hosts) {
      for (const boot of (await readGuestConsole(this.#console(name, instance))).boots) {
        this.#boots.set(boot.bootId, boot);
      }
    }
    const tick = heard.console.lastTick;
    const boot = tick === null ? undefined : this.#boots.get(tick.bootId);
    if (tick === null || boot === undefined) throw new Error(`${instance} ticks on ${host}, but nobody saw it boot`);
    const bootedFrom = boot.role === 'rescue' ? 'disk.rescue' : 'disk';
    return { boot, voice: { bootId: tick.bootId, bootedFrom, diskBoots: boot.boots, ticks: tick.number } };
  }

  /** What both hosts say of a guest that is silent, for the error message. */
  async #whatStands(instance: string): Promise<string> {
    const parts = this.lab.hosts.map(async ({ name, facts }) => {
      const argv = ['virsh', '-c', facts.connectionUri, 'domstate', '--reason', `instance-${instance}`];
      const state = await runCommand(argv, { deadlineMs: 5000 });
      const open = this.emulatorFiles(name);
      return `${name}: ${JSON.stringify(state)}; files ${JSON.stringify(await this.files(name, instance))}; open ${open}`;
    });
    return (await Promise.all(parts)).join('\n');
  }

  /** What the emulators of a host hold open in instance directories; `(deleted)` marks a file that has lost its name. */
  emulatorFiles(host: string): string {
    const emulators = this.hostNamed(host)
      .processes()
      .filter(({ commandLine }) => commandLine[0]?.includes('qemu-system') === true);
    return emulators
      .flatMap(({ pid }) => readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`)))
      .filter((path) => path.includes('instances'))
      .join(' ');
  }

  /** Names in the server's directory, sorted; null when there is no directory. */
  async files(host: string, instance: string): Promise<readonly string[] | null> {
    try {
      return (await readdir(join(this.instancesPath(host), instance))).toSorted();
    } catch {
      return null;
    }
  }

  /** Guests' processes on a host, told by their emulator. */
  emulators(host: string): number {
    const processes = this.hostNamed(host).processes();
    return processes.filter(({ commandLine }) => commandLine[0]?.includes('qemu-system') === true).length;
  }

  async stop(): Promise<void> {
    await this.lab.stop();
    this.#removeDirectory();
  }

  #console(host: string, instance: string): string {
    return join(this.instancesPath(host), instance, 'console.log');
  }
}

async function importLabImages(directory: string): Promise<LabImages> {
  const files = await buildGuestImages({ outputDirectory: join(directory, 'guest') });
  const path = join(directory, 'images');
  const boot = await importBootImages(path, 'stock', {
    disk: files.originalDisk.qcow2,
    kernel: files.kernel,
    ramdisk: files.initialRamdisk,
  });
  const rescue = await importBootImages(path, 'rescue', {
    disk: files.rescueDisk.qcow2,
    kernel: files.rescueKernel,
    ramdisk: files.rescueRamdisk,
  });
  const { dataSha256 } = files.originalDisk;
  if (dataSha256 === null) throw new Error('the original disk carries no data');
  return { path, boot, rescue, originalDataSha256: dataSha256 };
}

async function importBootImages(
  path: string,
  name: string,
  files: { readonly disk: string; readonly kernel: string; readonly ramdisk: string },
): Promise<BootImages> {
  const importFile = async (
    file: string,
    diskFormat: 'aki' | 'ari' | 'qcow2',
    properties: Readonly<Record<string, string>> = {},
  ): Promise<ImageId> => {
    const containerFormat = diskFormat === 'qcow2' ? 'bare' : diskFormat;
    const facts = { id: null, name, diskFormat, containerFormat, minDiskGiB: 0, minRamMiB: 0, properties } as const;
    const imported = await importImage(
      path,
      { ...facts, visibility: 'public', createdAt: '2026-01-01T00:00:00Z' },
      file,
    );
    if (!imported.imported) throw new Error(imported.reason);
    return imported.image.id;
  };
  const kernelId = await importFile(files.kernel, 'aki');
  const ramdiskId = await importFile(files.ramdisk, 'ari');
  const properties = { kernel_id: kernelId, ramdisk_id: ramdiskId, os_command_line: GUEST_COMMAND_LINE };
  return { imageId: await importFile(files.disk, 'qcow2', properties), kernelId, ramdiskId };
}
