import { access, copyFile, mkdir, readdir, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { requireCommand, runCommand } from './run-command.ts';
import { makeTemporaryDirectory } from './temporary-directory.ts';

export type GuestKernel = {
  /** Package and version, e.g. `linux-image-6.1.0-56-cloud-amd64_6.1.192-2`. */
  readonly version: string;
  readonly kernelPath: string;
  /** Uncompressed modules the guest loads. */
  readonly modulePaths: readonly string[];
};

const META_PACKAGE = 'linux-image-cloud-amd64';
const CACHE_PREFIX = 'linux-image-';
// Asking apt takes about two seconds on a small machine, and a laboratory does not need this week's kernel.
const FRESH_FOR_MS = 7 * 24 * 3600 * 1000;
const APT_DEADLINE_MS = 20_000;
const DOWNLOAD_DEADLINE_MS = 180_000;
const UNPACK_DEADLINE_MS = 60_000;
/** Loaded by `guest-init.sh`, which names them too. */
const MODULES: readonly string[] = [
  'drivers/virtio/virtio.ko',
  'drivers/virtio/virtio_ring.ko',
  'drivers/virtio/virtio_pci_legacy_dev.ko',
  'drivers/virtio/virtio_pci_modern_dev.ko',
  'drivers/virtio/virtio_pci.ko',
  'drivers/block/virtio_blk.ko',
  'drivers/acpi/button.ko',
  'drivers/input/evdev.ko',
];

/**
 * Debian's cloud kernel: the cached one for a week, then the current one, downloaded by apt, which verifies it against
 * its signed lists. Where apt knows or reaches none, the newest kernel in the cache serves. Safe to call from several processes at once.
 */
export async function provideGuestKernel(cacheDirectory: string): Promise<GuestKernel> {
  await mkdir(cacheDirectory, { recursive: true });
  const fresh = await newestCached(cacheDirectory, Date.now() - FRESH_FOR_MS);
  if (fresh !== null) return fresh;
  const candidate = await candidatePackage();
  if (candidate !== null) {
    const cached = await openCached(cacheDirectory, candidate.cacheName);
    if (cached !== null) return cached;
  }
  let failure = `apt knows no ${META_PACKAGE}; run apt-get update as root`;
  if (candidate !== null) {
    try {
      return await downloadKernel(cacheDirectory, candidate);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
  }
  const older = await newestCached(cacheDirectory, 0);
  if (older !== null) return older;
  throw new Error(`no kernel for the guest: ${failure}`);
}

type Candidate = { readonly packageName: string; readonly version: string; readonly cacheName: string };

async function candidatePackage(): Promise<Candidate | null> {
  const depends = await runCommand(['apt-cache', 'depends', META_PACKAGE], { deadlineMs: APT_DEADLINE_MS });
  const packageName = firstMatch(depends, /^ *Depends: (linux-image-\d\S+)$/m);
  if (packageName === null) return null;
  const policy = await runCommand(['apt-cache', 'policy', packageName], { deadlineMs: APT_DEADLINE_MS });
  const version = firstMatch(policy, /^ *Candidate: (\d\S*)$/m);
  if (version === null) return null;
  return { packageName, version, cacheName: `${packageName}_${version.replaceAll(/[^\w.+~-]/g, '_')}` };
}

function firstMatch(result: Awaited<ReturnType<typeof runCommand>>, pattern: RegExp): string | null {
  return result.outcome === 'exited' ? (pattern.exec(result.stdout)?.[1] ?? null) : null;
}

async function downloadKernel(cacheDirectory: string, candidate: Candidate): Promise<GuestKernel> {
  const directory = makeTemporaryDirectory(join(cacheDirectory, '.download-'));
  const staging = directory.path;
  try {
    const download = ['apt-get', 'download', `${candidate.packageName}=${candidate.version}`];
    await requireCommand(download, { deadlineMs: DOWNLOAD_DEADLINE_MS, directory: staging });
    const archive = (await readdir(staging)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error(`${download.join(' ')}: left no package behind`);
    const unpacked = join(staging, 'unpacked');
    await requireCommand(['dpkg-deb', '-x', join(staging, archive), unpacked], { deadlineMs: UNPACK_DEADLINE_MS });
    const release = candidate.packageName.slice(CACHE_PREFIX.length);
    const result = join(staging, 'kernel');
    await mkdir(join(result, 'modules'), { recursive: true });
    await copyFile(join(unpacked, 'boot', `vmlinuz-${release}`), join(result, 'vmlinuz'));
    const from = join(unpacked, 'lib', 'modules', release, 'kernel');
    for (const name of MODULES) await copyFile(join(from, name), join(result, 'modules', basename(name)));
    await publish(result, join(cacheDirectory, candidate.cacheName));
  } finally {
    directory.remove();
  }
  const kernel = await openCached(cacheDirectory, candidate.cacheName);
  if (kernel === null) throw new Error(`${candidate.cacheName} vanished from ${cacheDirectory}`);
  return kernel;
}

/** Moves a finished directory into the cache; where another process was first, its result is as good and stays. */
export async function publish(finished: string, target: string): Promise<void> {
  try {
    await rename(finished, target);
  } catch (error) {
    await access(target).catch(() => {
      throw error;
    });
  }
}

async function newestCached(cacheDirectory: string, sinceMs: number): Promise<GuestKernel | null> {
  const names = (await readdir(cacheDirectory)).filter((name) => name.startsWith(CACHE_PREFIX));
  const dated = await Promise.all(
    names.map(async (name) => ({ name, changedAt: (await stat(join(cacheDirectory, name))).mtimeMs })),
  );
  const recent = dated.filter(({ changedAt }) => changedAt >= sinceMs);
  const newest = recent.toSorted((left, right) => right.changedAt - left.changedAt)[0];
  return newest === undefined ? null : openCached(cacheDirectory, newest.name);
}

async function openCached(cacheDirectory: string, version: string): Promise<GuestKernel | null> {
  const modulePaths = MODULES.map((name) => join(cacheDirectory, version, 'modules', basename(name)));
  const kernelPath = join(cacheDirectory, version, 'vmlinuz');
  try {
    for (const path of [kernelPath, ...modulePaths]) await access(path);
  } catch {
    return null;
  }
  return { version, kernelPath, modulePaths };
}
