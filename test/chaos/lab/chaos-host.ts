import { closeSync, constants, openSync } from 'node:fs';
import { readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { contentOf, type HostContent } from '../../demo/source-leftovers.ts';
import type { LabHost } from '../../lab/lab-host.ts';
import { describeCommandResult } from '../../lab/run-command.ts';
import { LibvirtRelay } from './libvirt-relay.ts';

/** Takes memory only for what is written. The scheduler counts in whole GiB. */
const INSTANCES_BYTES = 2 * 1024 ** 3;
const ROOM_LEFT_BYTES = 64 * 1024;
const ROOM_LEFT_BYTES_MAX = 16 * 1024 ** 2;

/** One host of the laboratory with what chaos needs: a relay before its libvirtd, a disk that can fill up. */
export class ChaosHost {
  readonly lab: LabHost;
  readonly relay: LibvirtRelay;
  /** The directory of all servers as the host's own processes see it. */
  readonly instances: string;
  #before: HostContent = new Set();

  private constructor(lab: LabHost, relay: LibvirtRelay) {
    this.lab = lab;
    this.relay = relay;
    this.instances = `/proc/${lab.initPid}/root${lab.facts.instancesPath}`;
  }

  static async start(lab: LabHost, socketDirectory: string): Promise<ChaosHost> {
    const relay = await LibvirtRelay.start(join(socketDirectory, `${lab.name}.sock`), lab.facts.socketPath);
    const host = new ChaosHost(lab, relay);
    await host.run('mount', '-t', 'tmpfs', '-o', `size=${INSTANCES_BYTES}`, 'tmpfs', lab.facts.instancesPath);
    // Before Linux 6.6 a file system in memory refuses what a guest's disk needs; then the disk cannot fill up alone.
    if (!(await takesDirectInput(host.instances))) await host.run('umount', lab.facts.instancesPath);
    return host;
  }

  /** What is there before the first server and may stay: libvirtd, and what Lifeboat keeps on every host. */
  async takeStock(): Promise<void> {
    this.#before = await this.content();
  }

  /** From now on next to nothing more can be written below `instances`. Throws where the disk is the machine's own. */
  async fillDisk(): Promise<void> {
    for (let room = ROOM_LEFT_BYTES; ; room *= 2) {
      const { blocks, bfree, bsize } = await statfs(this.instances);
      try {
        return await this.#resizeDisk((blocks - bfree) * bsize + room);
      } catch (error) {
        // More was written in between than there was room left for.
        if (room > ROOM_LEFT_BYTES_MAX) throw error;
      }
    }
  }

  freeDisk(): Promise<void> {
    return this.#resizeDisk(INSTANCES_BYTES);
  }

  async #resizeDisk(bytes: number): Promise<void> {
    await this.run('mount', '-o', `remount,size=${bytes}`, this.lab.facts.instancesPath);
  }

  get name(): string {
    return this.lab.name;
  }

  directoryOf(server: string): string {
    return join(this.instances, server);
  }

  /** Names in the server's directory, sorted; null when there is no directory. */
  async filesOf(server: string): Promise<readonly string[] | null> {
    try {
      return (await readdir(this.directoryOf(server))).toSorted();
    } catch {
      return null;
    }
  }

  content(): Promise<HostContent> {
    const facts = { ...this.lab.facts, instancesPathOutside: this.instances };
    return contentOf({ facts, processes: () => this.lab.processes() });
  }

  /** What is there now and was not when stock was taken. */
  async leftovers(): Promise<readonly string[]> {
    return [...(await this.content())].filter((name) => !this.#before.has(name));
  }

  /** Pids of the emulators that run this server's guest. */
  emulatorsOf(server: string): readonly number[] {
    return this.lab
      .processes()
      .filter(({ commandLine }) => commandLine[0]?.includes('qemu-system') === true)
      .filter(({ commandLine }) => commandLine.some((word) => word.includes(server)))
      .map(({ pid }) => pid);
  }

  /** Runs a command inside of the host; throws unless it succeeds. */
  async run(...argv: readonly string[]): Promise<string> {
    const result = await this.lab.run(argv);
    if (result.outcome === 'exited' && result.exitCode === 0) return result.stdout;
    throw new Error(`${this.name}: ${argv.join(' ')}: ${describeCommandResult(result)}`);
  }
}

async function takesDirectInput(directory: string): Promise<boolean> {
  const probe = join(directory, 'probe');
  try {
    closeSync(openSync(probe, constants.O_CREAT | constants.O_RDWR | constants.O_DIRECT, 0o600));
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true });
  }
}
