import { createHash, randomBytes } from 'node:crypto';
import { constants, copyFile, mkdir, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { provideGuestKernel } from './guest-kernel.ts';
import { provideGuestRamdisks } from './guest-ramdisk.ts';
import { requireCommand } from './run-command.ts';

export type GuestDisk = {
  readonly raw: string;
  readonly qcow2: string;
  /** SHA-256 of the file DATA on it, as the guest prints it; null when there is none. */
  readonly dataSha256: string | null;
};

export type GuestImages = {
  /** Says role=orig and carries 4 MiB that are random in each build, so no other run's disk can pass for it. */
  readonly originalDisk: GuestDisk;
  /** Says role=rescue and carries no DATA. */
  readonly rescueDisk: GuestDisk;
  readonly kernel: string;
  readonly initialRamdisk: string;
  /** The same kernel under another name; the ramdisk differs in the marker the guest prints. */
  readonly rescueKernel: string;
  readonly rescueRamdisk: string;
  /** Debian package and version of the kernel. */
  readonly kernelVersion: string;
};

export const GUEST_DISK_BYTES = 32 * 1024 * 1024;
export const GUEST_DATA_BYTES = 4 * 1024 * 1024;
/** Boots with this under both machine types; with 64 MiB kernel and ramdisk do not fit. */
export const GUEST_MEMORY_MIB = 128;
/** Without what makes an emulated boot a third longer and no test needs: a random address, and self-tests of ciphers. */
export const GUEST_COMMAND_LINE = 'console=ttyS0 quiet nokaslr cryptomgr.notests';

const TOOL_DEADLINE_MS = 60_000;

/** `$XDG_CACHE_HOME/lifeboat-lab`, by default `~/.cache/lifeboat-lab`: kernel, ramdisks, and what was found out about KVM. */
export function labCacheDirectory(): string {
  const configured = process.env['XDG_CACHE_HOME'];
  const parent = configured?.startsWith('/') === true ? configured : join(homedir(), '.cache');
  return join(parent, 'lifeboat-lab');
}

/**
 * Puts a complete set of images into `outputDirectory`. The kernel and ramdisks are copies of cached ones (libvirt
 * changes the owner of files it uses); the disks are new in each call. A file that exists under its name is complete.
 */
export async function buildGuestImages(options: {
  readonly outputDirectory: string;
  readonly cacheDirectory?: string;
}): Promise<GuestImages> {
  const { outputDirectory, cacheDirectory = labCacheDirectory() } = options;
  const kernel = await provideGuestKernel(cacheDirectory);
  const ramdisks = await provideGuestRamdisks(cacheDirectory, kernel);
  await mkdir(outputDirectory, { recursive: true });
  const staging = await mkdtemp(join(outputDirectory, '.building-'));
  try {
    const place = async (from: string, name: string): Promise<string> => {
      await copyFile(from, join(staging, name), constants.COPYFILE_FICLONE);
      return publishFile(staging, outputDirectory, name);
    };
    const data = randomBytes(GUEST_DATA_BYTES);
    return {
      originalDisk: await buildDisk({ staging, outputDirectory, name: 'original', role: 'orig', data }),
      rescueDisk: await buildDisk({ staging, outputDirectory, name: 'rescue', role: 'rescue', data: null }),
      kernel: await place(kernel.kernelPath, 'kernel'),
      initialRamdisk: await place(ramdisks.stock, 'ramdisk'),
      rescueKernel: await place(kernel.kernelPath, 'rescue-kernel'),
      rescueRamdisk: await place(ramdisks['rescue-ramdisk'], 'rescue-ramdisk'),
      kernelVersion: kernel.version,
    };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

type DiskPlan = {
  readonly staging: string;
  readonly outputDirectory: string;
  readonly name: string;
  readonly role: string;
  readonly data: Buffer | null;
};

async function buildDisk(plan: DiskPlan): Promise<GuestDisk> {
  const { staging, outputDirectory, name, role, data } = plan;
  const content = join(staging, `${name}-content`);
  await mkdir(content);
  await writeFile(join(content, 'ROLE'), `${role}\n`);
  await writeFile(join(content, 'BOOTS'), '0\n');
  if (data !== null) await writeFile(join(content, 'DATA'), data);
  const raw = join(staging, `${name}.raw`);
  const qcow2 = join(staging, `${name}.qcow2`);
  const file = await open(raw, 'wx', 0o600);
  await file.truncate(GUEST_DISK_BYTES);
  await file.close();
  await requireCommand(['mke2fs', '-q', '-F', '-t', 'ext4', '-E', 'root_owner=0:0', '-d', content, raw], {
    deadlineMs: TOOL_DEADLINE_MS,
  });
  await requireCommand(['qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', raw, qcow2], {
    deadlineMs: TOOL_DEADLINE_MS,
  });
  return {
    raw: await publishFile(staging, outputDirectory, `${name}.raw`),
    qcow2: await publishFile(staging, outputDirectory, `${name}.qcow2`),
    dataSha256: data === null ? null : createHash('sha256').update(data).digest('hex'),
  };
}

async function publishFile(staging: string, outputDirectory: string, name: string): Promise<string> {
  const target = join(outputDirectory, name);
  await rename(join(staging, name), target);
  return target;
}
